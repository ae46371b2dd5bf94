"""A mail server on loopback that keeps what it is sent."""

import asyncio
import email
import email.policy


class MailServer:
    """As much of SMTP as a client needs; keeps every mail.

    Args:
        port: Where it listens; a free one when 0.
        refuses: Whether it takes nothing for now.
    """

    def __init__(self, port=0, *, refuses=False):
        self.mails, self.recipients, self.port, self.refuses = [], [], port, refuses

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"MAIL" and self.refuses:
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
        writer.close()
