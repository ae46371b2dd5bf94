/** The browser's half of passkeys: asked and answered in the JSON that WebAuthn Level 3 writes. */
import type { NewPasskeyJson, PasskeyJson } from "../api";

type Options = Readonly<Record<string, unknown>>;

/** Whether this browser knows passkeys, here. */
export function canUsePasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && isSecureContext;
}

/** Have the browser make a passkey. Throws what {@link passkeyFault} has words for. */
export async function makePasskey(options: Options): Promise<NewPasskeyJson> {
  const json = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? creationOptions(json);
  const made = passkeyOf(await navigator.credentials.create({ publicKey }));
  if (typeof made.toJSON === "function") return made.toJSON() as NewPasskeyJson;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...named(made),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** Have the browser show a passkey. */
export async function showPasskey(options: Options): Promise<PasskeyJson> {
  const json = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? requestOptions(json);
  const shown = passkeyOf(await navigator.credentials.get({ publicKey }));
  if (typeof shown.toJSON === "function") return shown.toJSON() as PasskeyJson;
  const response = shown.response as AuthenticatorAssertionResponse;
  return {
    ...named(shown),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : null,
    },
  };
}

/** Why the browser gave no passkey; other failures say it themselves. */
export function passkeyFault(failure: unknown): string {
  if (failure instanceof DOMException) {
    return FAULTS[failure.name] ?? "The browser could not use a passkey. Try again, or choose another way.";
  }
  return failure instanceof Error ? failure.message : "No passkey was used.";
}

const FAULTS: Readonly<Record<string, string>> = {
  NotAllowedError: "No passkey was used: the browser was told no, or waited too long.",
  AbortError: "No passkey was used.",
  InvalidStateError: "This device holds a passkey for your account already.",
  NotSupportedError: "This device cannot hold such a passkey. Try another one.",
  SecurityError: "Passkeys work only at the address that this installation has been given. Open that one.",
};

function passkeyOf(found: Credential | null): PublicKeyCredential {
  if (found instanceof PublicKeyCredential) return found;
  throw new DOMException("No passkey was given.", "NotAllowedError");
}

function named(passkey: PublicKeyCredential): { id: string; rawId: string; type: "public-key" } {
  return { id: passkey.id, rawId: toText(passkey.rawId), type: "public-key" };
}

/** The options as bytes, for browsers that do not read JSON themselves. */
export function creationOptions(json: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions {
  return {
    ...json,
    extensions: {},
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: (json.excludeCredentials ?? []).map(descriptor),
  } as PublicKeyCredentialCreationOptions;
}

export function requestOptions(json: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions {
  return {
    ...json,
    extensions: {},
    challenge: toBytes(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map(descriptor),
  } as PublicKeyCredentialRequestOptions;
}

function descriptor(json: PublicKeyCredentialDescriptorJSON): PublicKeyCredentialDescriptor {
  return { ...json, id: toBytes(json.id) } as PublicKeyCredentialDescriptor;
}

/** Base64url without padding, as WebAuthn writes bytes. */
export function toText(bytes: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/u, "");
}

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
