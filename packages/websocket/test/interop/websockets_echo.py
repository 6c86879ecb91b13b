"""An echo made with the Python library websockets: `serve`, or `connect URL`; then `compress` or `plain`."""
import asyncio
import sys

import websockets


async def echo(connection, *_):
    async for message in connection:
        await connection.send(message)


async def serve(options):
    async with websockets.serve(echo, "127.0.0.1", 0, **options) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        # The test ends this process by closing its input.
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def connect(options, url):
    async with websockets.connect(url, **options) as connection:
        await echo(connection)


def main():
    mode, *url, compression = sys.argv[1:]
    options = {"max_size": None, "compression": "deflate" if compression == "compress" else None}
    asyncio.run(serve(options) if mode == "serve" else connect(options, *url))


main()
