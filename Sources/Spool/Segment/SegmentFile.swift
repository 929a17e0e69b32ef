import MailModel

/// The active segment: an open file, its nonce, and how far it is written and synced.
struct SegmentFile {
    let number: Int
    let path: String
    let file: any SpoolFile
    let nonce: [UInt8]
    /// Where the next record goes.
    private(set) var end: Int
    /// How much of the file is on stable storage: all up to `end`, between two appends.
    private(set) var synced: Int

    /// Creates segment `number` (Durability N2, N3).
    ///
    /// When this returns, the file's name and first line are on stable storage. Throws ``SegmentFailure``.
    static func create(
        number: Int, layout: SpoolLayout, fileSystem: any SpoolFileSystem, now: Timestamp, hasher: SHA256Hasher
    ) throws -> SegmentFile {
        let path = layout.segment(number)
        let header = FileHeader(kind: .segment, number: number, nonce: FileHeader.freshNonce(), created: now)
        let line = header.encode(hasher: hasher)
        // N2. Under its final name at once; O_EXCL, since a name that exists would mean that numbering went wrong.
        let file: any SpoolFile
        do {
            file = try fileSystem.open(path, .createNew)
        } catch {
            throw SegmentFailure(error, isTakenBack: true)
        }
        do {
            try file.write(line, at: 0)
        } catch {
            // A full disk must not fill up with segments that were never begun.
            let removed: Void? = try? fileSystem.remove(path)
            throw SegmentFailure(error, isTakenBack: removed != nil)
        }
        do {
            try file.sync()
            // N3. The directory too: after a power cut the name may be missing although the bytes are safe.
            try fileSystem.syncDirectory(layout.segments)
        } catch let error as SpoolError where error.isShortOfDescriptors {
            // The directory could not be opened, so no sync has failed: the disk is as good as it was.
            let removed: Void? = try? fileSystem.remove(path)
            throw SegmentFailure(error, isTakenBack: removed != nil)
        } catch {
            throw SegmentFailure(error, isTakenBack: false)
        }
        return SegmentFile(
            number: number, path: path, file: file, nonce: header.nonce, end: line.count, synced: line.count)
    }

    /// Nothing but the first line is in it.
    var isEmpty: Bool { synced == FileHeader.segmentLength }

    /// D2, D3. Writes pieces at the end and syncs once for all of them. Throws ``SegmentFailure``; what was written is then
    /// taken back as far as the disk lets it be (F2).
    mutating func append(_ pieces: [UnsafeRawBufferPointer], count: Int) throws {
        do {
            // Somebody may have copied another file over this one, which keeps its place: what is written now at `end` would stand
            // behind foreign bytes, or behind nothing. The file is then left as it is, here and below.
            guard try file.size() == end else { throw SpoolError(overwritten: path) }
        } catch {
            throw SegmentFailure(error, isTakenBack: false)
        }
        do {
            try file.write(pieces, at: end)
        } catch {
            throw SegmentFailure(error, isTakenBack: cutToSynced())
        }
        do {
            try file.sync()
            // Somebody may have moved or removed the file, or the whole directory: nobody will look for it where it is now.
            guard file.isInPlace() else { throw SpoolError(removed: path) }
            guard try file.size() == end + count else { throw SpoolError(overwritten: path) }
        } catch {
            if (error as? SpoolError)?.code != .damaged { _ = cutToSynced() }
            throw SegmentFailure(error, isTakenBack: false)
        }
        end += count
        synced = end
    }

    /// F2. Cuts the file to its synced length and syncs that; false where even that fails.
    private func cutToSynced() -> Bool {
        let cut: Void? = try? file.truncate(to: synced)
        return cut != nil && (try? file.sync()) != nil
    }

    /// N1. Marks the file as ended in order. Throws as `append` does.
    mutating func seal(hasher: SHA256Hasher) throws {
        let record = SealRecord.encode(nonce: nonce, synced: synced, hasher: hasher)
        try record.withUnsafeBytes { try append([$0], count: record.count) }
    }
}

/// The record that ends a file: everything before it is on stable storage.
enum SealRecord {
    static func encode(nonce: [UInt8], synced: Int, hasher: SHA256Hasher) -> [UInt8] {
        let prefix = RecordHeader.prefix(
            nonce: nonce, kind: .seal, name: [UInt8](repeating: UInt8(ascii: "0"), count: MessageID.textLength),
            envelopeLength: 0, messageLength: 0, digest: .zero, synced: synced)
        hasher.update(prefix)
        return RecordHeader.finish(prefix, recordDigest: hasher.finish(), hasher: hasher) + [lineFeed]
    }
}
