/// Numbers of deliveries by state. Each delivery is in exactly one number, save that `doubtful` is a mark on any.
public struct DeliveryCounts: Hashable, Sendable {
    private var numbers = [Int](repeating: 0, count: DeliveryState.allCases.count)
    public private(set) var doubtful = 0
    /// Of the verified: changed by the server in a way that it is known for. Counted for a proof only.
    public internal(set) var normalised = 0
    /// Octets of the messages that are held or appending.
    public private(set) var heldBytes = 0
    /// Octets of the messages of all deliveries.
    public private(set) var bytes = 0

    public init() {}

    /// Deliveries in exactly this state.
    public subscript(_ state: DeliveryState) -> Int { numbers[Int(state.rawValue)] }

    mutating func add(_ state: DeliveryState, count: Int, bytes: Int = 0, isDoubtful: Bool = false) {
        numbers[Int(state.rawValue)] += count
        self.bytes &+= bytes
        if state == .held || state == .appending { heldBytes &+= bytes }
        if isDoubtful { doubtful += count }
    }

    public static func += (left: inout DeliveryCounts, right: DeliveryCounts) {
        for index in left.numbers.indices { left.numbers[index] += right.numbers[index] }
        left.doubtful += right.doubtful
        left.normalised += right.normalised
        left.heldBytes &+= right.heldBytes
        left.bytes &+= right.bytes
    }

    /// Held or appending: `appending` counts as held.
    public var held: Int { self[.held] + self[.appending] }
    /// In the mailbox, verified or not.
    public var delivered: Int { self[.delivered] + self[.verified] }
    public var verified: Int { self[.verified] }
    public var merged: Int { self[.merged] }
    public var passed: Int { self[.passed] }
    public var handedOff: Int { self[.handedOff] }
    public var failed: Int { self[.failed] }
    public var dropped: Int { self[.dropped] }
    /// All deliveries, whatever their state.
    public var total: Int { numbers.reduce(0, +) }
}
