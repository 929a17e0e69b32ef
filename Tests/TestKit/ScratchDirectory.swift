import Foundation
public import Spool

/// A directory of its own for one test, removed with the last reference.
public final class ScratchDirectory: Sendable {
    public let path: String

    public init() throws {
        path = NSTemporaryDirectory() + "layover-test-" + UUID().uuidString.lowercased()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A spool below it whose `locks/` are real, so that a file system in memory can be used for everything else: locks are
    /// `flock` files of the running kernel and keep nothing.
    public func spool() throws -> SpoolLayout {
        let layout = SpoolLayout(directory: path + "/spool")
        try FileManager.default.createDirectory(atPath: layout.locks, withIntermediateDirectories: true)
        return layout
    }
}
