public import Foundation

/// A receiver's world without a new system: a configuration, a spool, perhaps on a disk of its own, and an account of what was sent.
public final class MailSite: Sendable {
    public let layover: LayoverSite
    public let disk: LoopDisk?
    public let oracle = DeliveryOracle()
    public let addresses = (0..<20).map { "u\($0)@example.test" }

    /// - Parameters:
    ///   - disk: the size of a disk for the spool alone; nil for the disk that everything is on.
    ///   - inodes: how many files that disk can hold.
    public init(
        disk size: Int? = nil, inodes: Int? = nil, segmentSize: String = "64 MiB", minFree: String = "1 MiB",
        more: String = ""
    ) throws {
        layover = try LayoverSite { directory in
            """
            hostname = "mx.example.test"
            [spool]
            directory = "\(directory.path)/\(size == nil ? "spool" : "disk/spool")"
            min_free = "\(minFree)"
            segment_size = "\(segmentSize)"
            [receive]
            listen = ["127.0.0.1:0"]
            domains = ["example.test"]
            \(more)

            """
        }
        disk = try size.map { [layover] in
            try LoopDisk(at: layover.directory.appending(path: "disk"), size: $0, inodes: inodes)
        }
    }

    public var spool: URL { layover.directory.appending(path: disk == nil ? "spool" : "disk/spool") }

    /// What is wrong with the spool, by the README's script and by `fsck`. No receiver may be running; one must have been started
    /// since the last crash, so that torn ends are cut off.
    public func faults() throws -> [String] {
        let fsck = try layover.run(["fsck"], within: .seconds(300))
        return oracle.faults(in: try SpoolByHand(spool)) + (fsck.status == 0 ? [] : ["\(fsck)"])
    }

    public func remove() {
        disk?.remove()
        layover.remove()
    }
}
