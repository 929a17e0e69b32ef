#if canImport(Glibc)
import Glibc
#endif

extension UnsafeRawBufferPointer {
    /// Where a byte first stands at or behind `start`.
    func index(of byte: UInt8, from start: Int) -> Int? {
        guard let base = baseAddress, start < count else { return nil }
        return memchr(base + start, Int32(byte), count - start).map { UnsafeRawPointer($0) - base }
    }

    /// Where a run of bytes first begins at or behind `start`.
    func index(of run: [UInt8], from start: Int) -> Int? {
        guard let first = run.first else { return nil }
        var from = start
        while let next = index(of: first, from: from), next + run.count <= count {
            if self[next..<next + run.count].elementsEqual(run) { return next }
            from = next + 1
        }
        return nil
    }
}
