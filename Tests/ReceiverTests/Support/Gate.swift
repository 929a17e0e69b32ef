import Foundation

/// Holds back the threads that come to it while it is closed.
final class Gate: @unchecked Sendable {  // Safe because every field is touched under the condition's lock only.
    private let condition = NSCondition()
    private var isOpen = true

    func close() { condition.withLock { isOpen = false } }

    func open() {
        condition.withLock {
            isOpen = true
            condition.broadcast()
        }
    }

    func pass() {
        condition.withLock {
            while !isOpen { condition.wait() }
        }
    }
}
