public import Spool

/// The room on the spool's file system, and how much of it the receiver leaves free.
public struct DiskFigures: Hashable, Sendable {
    public var freeBytes: Int
    public var totalBytes: Int
    /// Below this the receiver answers 452 4.3.1.
    public var floorBytes: Int
    public var freeInodes: Int
    /// 0 on a file system without a fixed number.
    public var totalInodes: Int
    public var floorInodes: Int
    /// How fast the spool grows; nil where that is not known.
    public var growth: SpoolGrowth?
    /// The reserve file.
    public var reserve = SpoolReserve.State.absent

    public init(freeBytes: Int, totalBytes: Int, floorBytes: Int, freeInodes: Int, totalInodes: Int, floorInodes: Int) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
        self.floorBytes = floorBytes
        self.freeInodes = freeInodes
        self.totalInodes = totalInodes
        self.floorInodes = floorInodes
    }

    public var hasBytes: Bool { freeBytes >= floorBytes }
    public var hasInodes: Bool { totalInodes == 0 || freeInodes >= floorInodes }
}
