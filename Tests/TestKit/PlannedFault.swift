/// One thing that goes wrong on a ``PowerCutFileSystem``.
public struct PlannedFault: Sendable, Hashable, CustomStringConvertible {
    public enum Effect: Sendable, Hashable {
        /// The operation may be done in part; it and everything after it fails, as if process or machine were gone.
        case crash
        /// The operation fails with this error number. A write leaves nothing; a sync leaves its pages clean and lost.
        case error(Int32)
        /// A write leaves a part of its bytes, then fails with this error number; other operations fail plainly.
        case shortWrite(Int32)
    }

    public var effect: Effect
    /// Only operations of these kinds count.
    public var kinds: Set<DiskOperation>
    /// Which of them: 1 for the first.
    public var number: Int
    /// How many of them in a row: 1 is a fault that passes, `.max` one that stays.
    public var lasting: Int

    public init(
        _ effect: Effect, at number: Int, of kinds: Set<DiskOperation> = DiskOperation.changes,
        isPersistent: Bool = false, lasting: Int = 1
    ) {
        self.effect = effect
        self.kinds = kinds
        self.number = number
        self.lasting = isPersistent ? .max : lasting
    }

    public var description: String {
        let which = kinds == DiskOperation.changes ? "change" : kinds.map(\.rawValue).sorted().joined(separator: "/")
        let duration = lasting == 1 ? "" : lasting == .max ? " and from then on" : " and for \(lasting) in all"
        return "\(effect) at \(which) \(number)\(duration)"
    }
}

/// What a file system is asked to do.
public enum DiskOperation: String, Sendable, CaseIterable {
    case open, create, createDirectory, list, rename, remove, syncDirectory, write, read, sync, truncate, size

    /// Those that change the disk or put changes on stable storage.
    public static let changes: Set<DiskOperation> = [
        .create, .createDirectory, .rename, .remove, .syncDirectory, .write, .sync, .truncate,
    ]

    /// Those that only look.
    public static let looks: Set<DiskOperation> = [.open, .list, .read, .size]
}
