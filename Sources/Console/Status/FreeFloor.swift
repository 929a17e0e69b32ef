public import MailModel
public import Spool

/// What must stay free on the spool's file system: `min_free`.
public enum FreeFloor: Hashable, Sendable {
    case percent(Int)
    case bytes(ByteCount)

    /// Inodes kept free where the floor is given in bytes: enough for the files that one start makes.
    private static let inodes = 16

    /// The room and the floor beside it.
    public func figures(_ space: FreeSpace) -> DiskFigures {
        let (floorBytes, floorInodes) =
            switch self {
            case .percent(let percent): (space.totalBytes / 100 * percent, space.totalInodes / 100 * percent)
            case .bytes(let count): (count.bytes, Self.inodes)
            }
        return DiskFigures(
            freeBytes: space.freeBytes, totalBytes: space.totalBytes, floorBytes: floorBytes,
            freeInodes: space.freeInodes,
            totalInodes: space.totalInodes, floorInodes: space.totalInodes > 0 ? floorInodes : 0)
    }
}
