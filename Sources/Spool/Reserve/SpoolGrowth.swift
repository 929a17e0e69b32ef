public import MailModel

#if canImport(Glibc)
import Glibc
#endif

/// How much a spool has taken lately, read off its files: exact to a segment.
public struct SpoolGrowth: Hashable, Sendable {
    private static let hour = 3_600
    private static let day = 86_400

    /// Bytes of segments and large files that came in the last hour.
    public var bytesLastHour: Int
    /// The same for the last 24 h.
    public var bytesLastDay: Int
    /// How long the spool has been there, in seconds; a young one is not taken for a slow one.
    public var ageSeconds: Int

    public init(bytesLastHour: Int, bytesLastDay: Int, ageSeconds: Int) {
        self.bytesLastHour = bytesLastHour
        self.bytesLastDay = bytesLastDay
        self.ageSeconds = ageSeconds
    }

    /// Bytes a second over the last hour.
    public var hourlyRate: Double { Double(bytesLastHour) / Double(min(Self.hour, max(60, ageSeconds))) }
    /// Bytes a second over the last 24 h.
    public var dailyRate: Double { Double(bytesLastDay) / Double(min(Self.day, max(60, ageSeconds))) }

    /// After how many seconds so many bytes are full at the higher of the two rates; nil where nothing comes.
    public func secondsLeft(room bytes: Int) -> Int? {
        let rate = max(hourlyRate, dailyRate)
        guard rate > 0 else { return nil }
        let seconds = Double(max(0, bytes)) / rate
        return seconds < 1e15 ? Int(seconds) : nil
    }

    /// Looks at the newest segments and large files. Blocks; costs a `stat` for each of the last day.
    public static func measure(
        layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem(), now: Timestamp
    ) throws -> SpoolGrowth {
        var growth = SpoolGrowth(bytesLastHour: 0, bytesLastDay: 0, ageSeconds: 0)
        let numbers = try fileSystem.numbers(in: layout.segments, suffix: ".seg")
        guard let first = numbers.first else { return growth }
        growth.ageSeconds = age(of: try created(layout.segment(first), fileSystem), now)
        for number in numbers.reversed() {
            guard let (size, changed) = look(at: layout.segment(number)) else { continue }
            guard age(of: changed, now) < Self.day else { break }
            let created = try created(layout.segment(number), fileSystem)
            growth.bytesLastHour += share(of: size, from: created, to: changed, within: Self.hour, now)
            growth.bytesLastDay += share(of: size, from: created, to: changed, within: Self.day, now)
        }
        for name in try fileSystem.list(layout.large) {
            // The id tells when it came: only the new ones are looked at.
            guard let id = MessageID(name) else { continue }
            let age = age(of: Timestamp(milliseconds: Int64(clamping: id.milliseconds)), now)
            guard age < Self.day, let (size, _) = look(at: "\(layout.large)/\(name)") else { continue }
            growth.bytesLastDay += size
            if age < Self.hour { growth.bytesLastHour += size }
        }
        return growth
    }

    private static func created(_ path: String, _ fileSystem: any SpoolFileSystem) throws -> Timestamp {
        let line = try fileSystem.open(path, .readOnly).read(FileHeader.segmentLength, at: 0)
        return FileHeader.parse(line, kind: .segment, hasher: SHA256Hasher())?.created ?? Timestamp(seconds: 0)
    }

    private static func look(at path: String) -> (size: Int, changed: Timestamp)? {
        var info = stat()
        guard lstat(path, &info) == 0 else { return nil }
        return (Int(info.st_size), Timestamp(seconds: Int64(info.st_mtim.tv_sec)))
    }

    private static func age(of time: Timestamp, _ now: Timestamp) -> Int {
        max(0, Int((now.milliseconds &- time.milliseconds) / 1000))
    }

    /// The part of a file that was written in the last `seconds`, as if it had grown evenly.
    private static func share(
        of size: Int, from created: Timestamp, to changed: Timestamp, within seconds: Int, _ now: Timestamp
    ) -> Int {
        let (oldest, newest) = (age(of: created, now), age(of: changed, now))
        guard newest < seconds else { return 0 }
        guard oldest > seconds, oldest > newest else { return size }
        return Int(Double(size) * Double(seconds - newest) / Double(oldest - newest))
    }
}
