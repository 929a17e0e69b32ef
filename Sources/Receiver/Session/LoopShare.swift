import NIOCore

/// What the sessions of one event loop share.
final class LoopShare {
    let idleWatch: IdleWatch
    let readBuffer = ReadBuffer()

    init(eventLoop: any EventLoop) { idleWatch = IdleWatch(eventLoop: eventLoop) }
}
