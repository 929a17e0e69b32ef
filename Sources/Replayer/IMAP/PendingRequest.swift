import IMAPProtocol
import NIOCore

/// A command that runs, seen by the handler.
protocol PendingRequest: AnyObject {
    func untagged(_ response: UntaggedResponse)
    func literalBegan(size: Int)
    func literalBytes(_ bytes: ByteBuffer)
    func literalEnded()
    func complete(_ tagged: TaggedResponse)
    func fail(_ error: IMAPError)
}

/// A command that runs, with what is to become of its answer.
final class CollectingRequest<Collector: ResponseCollector>: PendingRequest {
    private let name: String
    private var collector: Collector
    private let promise: EventLoopPromise<Collector.Value>

    init(name: String, collector: Collector, promise: EventLoopPromise<Collector.Value>) {
        self.name = name
        self.collector = collector
        self.promise = promise
    }

    func untagged(_ response: UntaggedResponse) { collector.untagged(response) }
    func literalBegan(size: Int) { collector.literalBegan(size: size) }
    func literalBytes(_ bytes: ByteBuffer) { collector.literalBytes(bytes) }
    func literalEnded() { collector.literalEnded() }

    func complete(_ tagged: TaggedResponse) {
        guard tagged.status == .ok else { return fail(IMAPError(refused: name, tagged)) }
        promise.succeed(collector.value)
    }

    func fail(_ error: IMAPError) { promise.fail(error) }
}
