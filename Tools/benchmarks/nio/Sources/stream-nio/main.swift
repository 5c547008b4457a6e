// Streams on SwiftNIO: a handler that writes as long as its channel is writable, on the main thread's event loop.
//
// Its argument is how many bytes it writes at a time, a multiple of 256. Prints the port that the system chose, then serves
// until it is killed.
import Glibc
import NIOCore
import NIOPosix

guard let size = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }), size > 0, size % 256 == 0 else {
  print("usage: stream-nio BYTES")
  exit(2)
}
let chunk = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) })

final class SourceHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelActive(context: ChannelHandlerContext) { flow(context) }

  func channelWritabilityChanged(context: ChannelHandlerContext) { flow(context) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func flow(_ context: ChannelHandlerContext) {
    while context.channel.isWritable { context.writeAndFlush(wrapOutboundOut(chunk), promise: nil) }
  }
}

MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
  ServerBootstrap(group: loop)
    .serverChannelOption(.backlog, value: 50)
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(SourceHandler())
      }
    }
    .bind(host: "127.0.0.1", port: 0)
    .whenComplete { result in
      switch result {
      case .success(let channel):
        print(channel.localAddress?.port ?? 0)
        fflush(nil)
      case .failure(let error):
        print("stream-nio: \(error)")
        exit(1)
      }
    }
}
