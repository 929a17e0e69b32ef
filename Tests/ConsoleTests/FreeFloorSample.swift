import Spool

/// A small disk.
enum FreeFloorSample {
    static let space = FreeSpace(freeBytes: 700, totalBytes: 1000, freeInodes: 20, totalInodes: 200)
}
