import TestKit

@testable import Spool

/// A receiver, journal or reader with one mistake in it. The crash matrix must find every one.
struct BrokenVariant: Sendable, CustomStringConvertible {
    enum Mistake: Sendable, Hashable {
        /// The file system under it does not do what it says.
        case disk(WeakenedFileSystem.Weakness)
        /// The directory above the spool is not synced.
        case ignoresParentSync
        /// 250 before the writer has answered.
        case acknowledgesEarly
        /// The index reads as far as the files go, not as far as they are stable.
        case readsBeyondStableEnd
        /// `committed` is believed although no receiver runs.
        case trustsCommitted
    }

    var mistake: Mistake
    var part: MatrixPart

    init(_ mistake: Mistake, _ part: MatrixPart) {
        self.mistake = mistake
        self.part = part
    }

    init(_ mistake: WeakenedFileSystem.Weakness.Mistake, _ place: String, _ part: MatrixPart) {
        self.init(.disk(WeakenedFileSystem.Weakness(mistake, place)), part)
    }

    var description: String {
        switch mistake {
        case .disk(let weakness): "\(part): \(weakness)"
        case let mistake: "\(part): \(mistake)"
        }
    }

    static let all: [BrokenVariant] = [
        BrokenVariant(.ignoresFileSync, ".seg", .segments),
        BrokenVariant(.ignoresFileSync, "/large/", .large),
        BrokenVariant(.ignoresFileSync, ".jnl", .journal),
        BrokenVariant(.ignoresFileSync, "/torn/", .segments),
        BrokenVariant(.ignoresDirectorySync, "/segments", .segments),
        BrokenVariant(.ignoresDirectorySync, "/large", .large),
        BrokenVariant(.ignoresDirectorySync, "/journal", .journal),
        BrokenVariant(.ignoresDirectorySync, "/spool", .segments),
        BrokenVariant(.ignoresParentSync, .segments),
        BrokenVariant(.syncsLate, ".seg", .segments),
        BrokenVariant(.syncsLate, ".jnl", .journal),
        BrokenVariant(.acknowledgesEarly, .segments),
        BrokenVariant(.repeatsFailedSync, ".seg", .segments),
        BrokenVariant(.repeatsFailedSync, "/large/", .large),
        BrokenVariant(.repeatsFailedSync, ".jnl", .journal),
        BrokenVariant(.believesFailedSync, ".seg", .segments),
        BrokenVariant(.believesFailedSync, ".jnl", .journal),
        BrokenVariant(.readsWithoutSync, ".seg", .segments),
        BrokenVariant(.readsWithoutSync, ".jnl", .journal),
        BrokenVariant(.ignoresTruncate, ".seg", .segments),
        BrokenVariant(.ignoresTruncate, ".jnl", .journal),
        BrokenVariant(.renamesBeforeSync, "/large/", .large),
        BrokenVariant(.readsBeyondStableEnd, .segments),
        BrokenVariant(.readsBeyondStableEnd, .journal),
        BrokenVariant(.trustsCommitted, .segments),
    ]
}

/// A part of the spool that the matrix is run over.
enum MatrixPart: String, CaseIterable, Sendable {
    /// Messages of all sizes, large ones among them.
    case segments
    /// Large messages only.
    case large
    /// A segment for each group, so that most operations are those of N1–N3.
    case rolling
    /// Two processes that append to the journal in turn.
    case journal

    func trial(_ layout: SpoolLayout, seed: UInt64, _ mistake: BrokenVariant.Mistake? = nil) -> any MatrixTrial {
        switch self {
        case .segments, .large, .rolling: SegmentTrial(layout: layout, seed: seed, part: self, mistake: mistake)
        case .journal: JournalTrial(layout: layout, seed: seed, mistake: mistake)
        }
    }
}

extension BrokenVariant.Mistake {
    /// The disk as the broken process uses it.
    func wrap(_ disk: PowerCutFileSystem, _ layout: SpoolLayout) -> any SpoolFileSystem {
        switch self {
        case .disk(let weakness): WeakenedFileSystem(disk, weakness)
        case .ignoresParentSync:
            WeakenedFileSystem(disk, WeakenedFileSystem.Weakness(.ignoresDirectorySync, layout.parent))
        case .acknowledgesEarly, .readsBeyondStableEnd, .trustsCommitted: disk
        }
    }
}
