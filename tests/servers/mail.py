"""A mail server on loopback that keeps what it is sent."""

import asyncio
import base64
import email
import email.policy


class MailServer:
    """As much of SMTP as a client needs; keeps every mail.

    Args:
        port: Where it listens; a free one when 0.
        refuses: Whether it takes nothing for now.
        tls: What STARTTLS is answered with; it is not offered when None.
        account: User and password without which no mail is taken, offered over TLS only.
        host: Address that it listens on.
    """

    def __init__(self, port=0, *, refuses=False, tls=None, account=None, host="127.0.0.1"):
        self.mails, self.recipients, self.port, self.refuses = [], [], port, refuses
        self.tls, self.account, self.host = tls, account, host
        self.heard = []
        """Every line of a client, and whether it was encrypted."""

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        plain = writer.transport
        try:
            await self._talk(reader, writer)
        except OSError:
            pass  # a handshake that fails, a client that leaves
        finally:
            writer.close()
            plain.abort()

    async def _talk(self, reader, writer):
        writer.write(b"220 sink\r\n")
        is_encrypted = is_known = False
        while line := await reader.readline():
            verb = line.split(b" ")[0].strip().upper()
            self.heard.append((line.decode().strip(), is_encrypted))
            if verb == b"EHLO":
                writer.write(self._offers(is_encrypted))
                continue
            if verb == b"STARTTLS" and self.tls is not None:
                writer.write(b"220 go on\r\n")
                await writer.drain()
                await writer.start_tls(self.tls)
                is_encrypted = True
                continue
            if verb == b"AUTH":
                sent = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
                is_known = tuple(sent) == self.account
                writer.write(b"235 welcome\r\n" if is_known else b"535 no\r\n")
                continue
            if verb == b"MAIL" and (self.refuses or (self.account and not is_known)):
                writer.write(b"451 not now\r\n")
                await writer.drain()
                continue
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(email.message_from_bytes(body[:-5], policy=email.policy.default))
            if verb == b"RCPT":
                self.recipients.append(line.split(b":", 1)[1].strip().decode())
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break

    def _offers(self, is_encrypted):
        offers = [b"STARTTLS"] if self.tls is not None and not is_encrypted else []
        offers += [b"AUTH PLAIN"] if self.account and is_encrypted else []
        lines = [b"sink", *offers]
        return b"".join(b"250%s%s\r\n" % (b" " if line is lines[-1] else b"-", line) for line in lines)
