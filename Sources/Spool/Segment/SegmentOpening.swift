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
        /// Longer than a first line, so records may have been acknowledged here; but nothing in here may be served: neither the
        /// first line nor one record can be believed, or it is the first line of a segment with another number.
        case unreadable(finding: String)
    }

    /// - Parameter number: the number in the file's name. A copy of a segment under another name would give its messages twice.
    static func open(_ file: any SpoolFile, size: Int, number: Int) throws -> Outcome {
        let firstRecord = FileHeader.segmentLength
        let bytes = try file.read(min(firstRecord, size), at: 0)
        if let header = FileHeader.parse(bytes, kind: .segment, hasher: SHA256Hasher()) {
            guard header.number == number else {
                let name = SpoolLayout.name(header.number)
                return .unreadable(finding: "segment \(name) under another name; it is served under its own name only")
            }
            return .opened(SegmentOpening(nonce: header.nonce, firstRecord: firstRecord, headerIsSound: true))
        }
        guard size > firstRecord else { return .unborn }
        // The records tell the nonce that the damaged line no longer does.
        guard let nonce = try NonceSearch.nonce(of: file, firstRecord: firstRecord, end: size) else {
            return .unreadable(finding: "neither first line nor record")
        }
        return .opened(SegmentOpening(nonce: nonce, firstRecord: firstRecord, headerIsSound: false))
    }

    /// The damage of the first line, if there is any.
    func damage(in path: String) -> SpoolDamage? {
        headerIsSound ? nil : SpoolDamage(file: path, offset: 0, length: firstRecord, finding: "a damaged first line")
    }
}
