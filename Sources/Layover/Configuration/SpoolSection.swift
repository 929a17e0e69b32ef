import MailModel

/// `[spool]`: where held mail lies, and what becomes of it.
struct SpoolSection: Hashable, Sendable {
    let directory: String
    let minFree: FreeSpaceFloor
    let reserve: ByteCount
    let retention: Duration
    let reclaim: Reclaiming
    let segmentSize: ByteCount

    /// Whether the follower gives the disk back by itself.
    enum Reclaiming: String, CaseIterable, Sendable {
        case daily, never
    }

    init(_ reader: SectionReader) throws(ConfigurationError) {
        directory = try reader.value(Self.directorySetting)
        minFree = try reader.value(Self.minFreeSetting)
        reserve = try reader.value(Self.reserveSetting)
        retention = try reader.value(Self.retentionSetting)
        reclaim = try reader.value(Self.reclaimSetting)
        segmentSize = try reader.value(Self.segmentSizeSetting)
    }
}

extension SpoolSection {
    static let path = ["spool"]

    static let options = [
        directorySetting.option, minFreeSetting.option, reserveSetting.option, retentionSetting.option,
        reclaimSetting.option, segmentSizeSetting.option,
    ]

    static let directorySetting = Setting(
        "directory", in: path, .path, .required(example: "/var/lib/layover"),
        summary: "The directory of segments, large files, journal and index.",
        consequence: """
            It must be on a local disk that keeps what fsync has promised; not on NFS, and not on a RAM disk. \
            Another directory is another, empty spool: mail held in the old one is not lost, but it is not seen.
            """)

    static let minFreeSetting = Setting(
        "min_free", in: path, .freeSpace, .defaulted("5%"),
        summary: "The free space below which no new mail is taken, as a share of the disk or as a size.",
        consequence: """
            Below it senders get 452 4.3.1 and try again later, and health turns red. Too little, and the index or \
            another program may fill the disk first; too much, and mail is turned away that would have had room.
            """)

    static let reserveSetting = Setting(
        "reserve", in: path, .size(ByteCount(0)...ByteCount(1 << 40)), .defaulted("256 MiB"),
        summary: "Room that a file in the spool takes beforehand, for `layover reserve release` on a full disk.",
        consequence: """
            Released, it lets mail be taken again while you make room. It is made at the start of the receiver, where \
            five times its size are free above the floor. 0 is no reserve: a full disk then puts mail off until \
            there is room.
            """)

    static let retentionSetting = Setting(
        "retention", in: path, .duration(.zero ... .seconds(100 * 365 * 86_400)), .defaulted("14 days"),
        summary: "How long the bytes of a verified message are kept after its wave has been closed.",
        consequence: """
            Only as long can a mailbox that was lost on the new system be filled again from here. Mail that is not \
            delivered and verified is kept without end. A dropped message is kept so long after the drop.
            """)

    static let reclaimSetting = Setting(
        "reclaim", in: path, ValueSyntax<Reclaiming>.choice, .defaulted("daily"),
        summary: "Whether a follower removes, once a day, the bytes of mail that is past its retention.",
        consequence: """
            With "never" the disk fills until a person runs `layover reclaim`. Either way each mailbox is asked for its \
            copies before, nothing goes before its wave is closed, and what is known of each message stays.
            """)

    static let segmentSizeSetting = Setting(
        "segment_size", in: path, .size(.kib(64) ... .mib(1_024)), .defaulted("64 MiB"),
        summary: "How long a segment grows before the next one is begun.",
        consequence: """
            A start reads at most one segment, and disk space is freed in steps of one. Smaller ones only make more \
            files; a change holds for segments that are begun later.
            """)
}
