// The echo server on SwiftNIO, as its own example writes it, on the main thread's event loop.
//
// Prints the port that the system chose, then serves until it is killed. With the argument `once` it closes each connection
// when it has echoed what came first.
import Glibc
import NIOCore
import NIOPosix

let once = CommandLine.arguments.dropFirst().first == "once"

final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
    if once { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
  ServerBootstrap(group: loop)
    .serverChannelOption(.backlog, value: 50)
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(EchoHandler())
      }
    }
    .bind(host: "127.0.0.1", port: 0)
    .whenComplete { result in
      switch result {
      case .success(let channel):
        print(channel.localAddress?.port ?? 0)
        fflush(nil)
      case .failure(let error):
        print("echo-nio: \(error)")
        exit(1)
      }
    }
}
