import IMAPProtocol
import NIOCore

/// Keeps what a command's caller wants of the answer, as it arrives. Lives on the event loop; only its value leaves it.
protocol ResponseCollector: SendableMetatype {
    associatedtype Value: Sendable
    var value: Value { get }
    mutating func untagged(_ response: UntaggedResponse)
    mutating func literalBegan(size: Int)
    mutating func literalBytes(_ bytes: ByteBuffer)
    mutating func literalEnded()
}

extension ResponseCollector {
    mutating func literalBegan(size: Int) {}
    mutating func literalBytes(_ bytes: ByteBuffer) {}
    mutating func literalEnded() {}
}

/// Folds untagged responses into a value.
struct FoldingCollector<Value: Sendable>: ResponseCollector {
    private(set) var value: Value
    let fold: (inout Value, UntaggedResponse) -> Void

    mutating func untagged(_ response: UntaggedResponse) { fold(&value, response) }
}
