/// The nonce of a segment and where its records begin, also where its first line is damaged.
struct SegmentOpening {
    var nonce: [UInt8]
    var firstRecord: Int
    var headerIsSound: Bool

    /// What a file turns out to be.
    enum Outcome {
        case opened(SegmentOpening)
        /// Not even a whole first line. It is synced before any record is written (N2), so nothing in here was acknowledged.
        case unborn
        /// Longer than a first line, so records may have been acknowledged here; but neither it nor one record can be believed.
        case unreadable
    }

    static func open(_ file: any SpoolFile, size: Int) throws -> Outcome {
        let firstRecord = FileHeader.segmentLength
        let bytes = try file.read(min(firstRecord, size), at: 0)
        if let header = FileHeader.parse(bytes, kind: .segment, hasher: SHA256Hasher()) {
            return .opened(SegmentOpening(nonce: header.nonce, firstRecord: firstRecord, headerIsSound: true))
        }
        guard size > firstRecord else { return .unborn }
        // The records tell the nonce that the damaged line no longer does.
        guard let nonce = try NonceSearch.nonce(of: file, firstRecord: firstRecord, end: size) else {
            return .unreadable
        }
        return .opened(SegmentOpening(nonce: nonce, firstRecord: firstRecord, headerIsSound: false))
    }

    /// The damage of the first line, if there is any.
    func damage(in path: String) -> SpoolDamage? {
        headerIsSound ? nil : SpoolDamage(file: path, offset: 0, length: firstRecord, finding: "a damaged first line")
    }
}
