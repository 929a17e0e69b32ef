/// Everything that one file holds, and where its true end is (Durability R3–R5).
struct RecordSurvey {
    /// Whole records before the end.
    var records: [ScannedRecord]
    /// Where the file truly ends: its size, or the first byte of a torn end.
    var end: Int
    /// Damage before the end: bytes that were on stable storage once and have changed.
    var corruption: [SpoolDamage]

    /// Reads the file from `firstRecord` to `size`, with the digests of all messages and acts.
    static func take(
        of file: any SpoolFile, path: String, nonce: [UInt8], firstRecord: Int, size: Int
    ) throws -> RecordSurvey {
        var scanner = RecordScanner(file: file, nonce: nonce, from: firstRecord, end: size, verifiesMessages: true)
        var records: [ScannedRecord] = []
        var damage: [SpoolDamage] = []
        // R3. Headers behind damage count too: what they say was synced was synced.
        var high = 0
        while let item = try scanner.next() {
            switch item {
            case .record(let record):
                high = max(high, record.header.synced)
                records.append(record)
            case .damage(let offset, let length, let finding, let synced):
                high = max(high, synced)
                damage.append(SpoolDamage(file: path, offset: offset, length: length, finding: finding))
            }
        }
        // R4. Damage at or above everything that is known to have been synced begins a torn end.
        let end = damage.first { $0.offset >= high }?.offset ?? size
        return RecordSurvey(
            records: records.filter { $0.offset < end }, end: end, corruption: damage.filter { $0.offset < end })
    }
}

/// Keeps what recovery cuts off.
struct TornEnd {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem

    /// Copies the bytes from `end` to `size` into `torn/`, then cuts them off and syncs that. Returns the copy's path.
    func cut(_ file: any SpoolFile, name: String, end: Int, size: Int) throws -> String {
        try fileSystem.createDirectory(layout.torn)
        let path = "\(layout.torn)/\(name).\(end)"
        let copy = try fileSystem.open(path, .readWrite)
        var offset = end
        while offset < size {
            let bytes = try file.read(min(1 << 20, size - offset), at: offset)
            guard !bytes.isEmpty else { break }
            try copy.write(bytes, at: offset - end)
            offset += bytes.count
        }
        try copy.sync()
        try file.truncate(to: end)
        try file.sync()
        return path
    }
}
