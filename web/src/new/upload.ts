/** Sends an archive and says how much of it has gone. XMLHttpRequest, since fetch does not tell. */
import { analysis, isRecord, ProblemError, type Job } from "../api";

export const LARGEST_BYTES = 200 * 1024 * 1024;

/** What is wrong with a file before it is sent; undefined when nothing is. */
export function archiveFault(file: { name: string; size: number }): string | undefined {
  if (!/\.(zip|tar\.gz|tgz)$/iu.test(file.name)) return `${file.name} is not a .zip, .tar.gz or .tgz archive`;
  if (file.size > LARGEST_BYTES) return `${file.name} is larger than 200 MB; leave out build results and dependencies`;
  return file.size === 0 ? `${file.name} is empty` : undefined;
}

export function upload(file: File, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Job> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", analysis.uploadAddress(file.name));
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onerror = () => reject(new Error("The connection broke while the archive was sent. Try again."));
    request.onabort = () => reject(new DOMException("Sending was cancelled.", "AbortError"));
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status < 300) resolve(answer as Job);
      else reject(new ProblemError(request.status, isRecord(answer) ? answer : {}, request.getResponseHeader("x-correlation-id")));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
