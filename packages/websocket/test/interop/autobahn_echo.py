"""An echo made with the Python library autobahn: `serve`, or `connect URL`; then `compress` or `plain`."""
import asyncio
import sys

from autobahn.asyncio.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from autobahn.websocket.compress import (
    PerMessageDeflateOffer,
    PerMessageDeflateOfferAccept,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)


class EchoServer(WebSocketServerProtocol):
    def onMessage(self, payload, is_binary):
        self.sendMessage(payload, is_binary)


class EchoClient(WebSocketClientProtocol):
    def onMessage(self, payload, is_binary):
        self.sendMessage(payload, is_binary)

    def onClose(self, was_clean, code, reason):
        self.factory.closed.set()


def accept_offer(offers):
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer):
            return PerMessageDeflateOfferAccept(offer)


def accept_response(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)


async def serve(compress):
    factory = WebSocketServerFactory()
    factory.protocol = EchoServer
    if compress:
        factory.setProtocolOptions(perMessageCompressionAccept=accept_offer)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The test ends this process by closing its input.
    await loop.run_in_executor(None, sys.stdin.read)


async def connect(compress, url):
    factory = WebSocketClientFactory(url)
    factory.protocol = EchoClient
    factory.closed = asyncio.Event()
    if compress:
        factory.setProtocolOptions(
            perMessageCompressionOffers=[PerMessageDeflateOffer()],
            perMessageCompressionAccept=accept_response,
        )
    await asyncio.get_running_loop().create_connection(factory, factory.host, factory.port)
    await factory.closed.wait()


def main():
    mode, *url, compression = sys.argv[1:]
    compress = compression == "compress"
    asyncio.run(serve(compress) if mode == "serve" else connect(compress, *url))


main()
