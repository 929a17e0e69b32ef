import Console
import Ledger
import MailModel
import Receiver
import Replayer
import Spool
import SystemTLS

/// What `layover check` finds wrong on this host: the disk, the receiver's certificate, the roster beside `receive.domains`.
struct HostCheck {
    let configuration: LayoverConfiguration
    /// Nil where STARTTLS is not offered.
    let identity: TLSServerIdentity?
    let now: Timestamp

    /// - Parameter ledger: nil where there is no spool yet, whose disk could be looked at.
    func findings(_ ledger: Ledger?) throws -> [CheckReport.Finding] {
        let roster = try ledger?.roster() ?? []
        let foreign = try configuration.receiveSection().flatMap {
            ForeignAddresses(in: roster.flatMap(\.addresses), domains: $0.domains)
        }
        return [
            ledger == nil ? nil : try disk(), certificate(),
            foreign.map { .ofThisHost("foreign-domain", $0.words, isWarning: true) },
        ].compactMap(\.self)
    }

    /// Nil while the receiver would take mail.
    private func disk() throws -> CheckReport.Finding? {
        let floor = configuration.spool.minFree
        let disk = try DiskFigures.look(
            configuration.layout, floor: floor.consoleFloor, fileSystem: POSIXFileSystem(), now: now)
        guard !disk.hasBytes || !disk.hasInodes else { return nil }
        let room =
            disk.hasBytes
            ? "\(disk.freeInodes) inodes are free, and the floor is \(disk.floorInodes)"
            : "\(ByteCount(disk.freeBytes)) are free, and the floor is \(ByteCount(disk.floorBytes))"
        return .ofThisHost(
            "disk", "the disk is at its floor: \(room) (spool.min_free); senders get 452", isWarning: false)
    }

    /// The receiver warns of it from the same day on.
    private func certificate() -> CheckReport.Finding? {
        guard let identity else { return nil }
        let ends = Timestamp(seconds: Int64(identity.current.expiresAt))
        let daysLeft = (ends.seconds - now.seconds) / 86_400
        guard ends < now.adding(milliseconds: Int64(ReceiverLimits.certificateWarningDays) * 86_400_000) else {
            return nil
        }
        let day = "\(identity.certificateFile): the certificate of receive.tls"
        return .ofThisHost(
            "own-certificate",
            ends < now
                ? "\(day) ended on \(ends.rfc3339.prefix(10)): senders that verify it do not send"
                : "\(day) ends on \(ends.rfc3339.prefix(10)), in \(daysLeft) days",
            isWarning: true)
    }
}
