import MailModel

/// `[spool]`: where held mail lies, and what becomes of it.
struct SpoolSection: Hashable, Sendable {
    let directory: String
    let minFree: FreeSpaceFloor
    let retention: Duration
    let segmentSize: ByteCount

    init(_ reader: SectionReader) throws(ConfigurationError) {
        directory = try reader.value(Self.directorySetting)
        minFree = try reader.value(Self.minFreeSetting)
        retention = try reader.value(Self.retentionSetting)
        segmentSize = try reader.value(Self.segmentSizeSetting)
    }
}

extension SpoolSection {
    static let path = ["spool"]

    static let options = [
        directorySetting.option, minFreeSetting.option, retentionSetting.option, segmentSizeSetting.option,
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

    static let retentionSetting = Setting(
        "retention", in: path, .duration(.zero ... .seconds(100 * 365 * 86_400)), .defaulted("14 days"),
        summary: "How long the bytes of a verified message are kept after its wave has been closed.",
        consequence: """
            Only as long can a mailbox that was lost on the new system be filled again from here. Mail that is not \
            delivered and verified is kept without end.
            """)

    static let segmentSizeSetting = Setting(
        "segment_size", in: path, .size(.kib(64) ... .mib(1_024)), .defaulted("64 MiB"),
        summary: "How long a segment grows before the next one is begun.",
        consequence: """
            A start reads at most one segment, and disk space is freed in steps of one. Smaller ones only make more \
            files; a change holds for segments that are begun later.
            """)
}
