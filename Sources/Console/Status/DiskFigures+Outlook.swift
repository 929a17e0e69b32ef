public import MailModel
public import Spool

/// How long the disk lasts.
extension DiskFigures {
    /// Looks at the disk, the reserve and the spool's newest files. Blocks. What cannot be measured is left out.
    public static func look(
        _ layout: SpoolLayout, floor: FreeFloor, fileSystem: any SpoolFileSystem, now: Timestamp
    ) throws -> DiskFigures {
        var figures = floor.figures(try fileSystem.freeSpace(at: layout.directory))
        figures.growth = try? SpoolGrowth.measure(layout: layout, fileSystem: fileSystem, now: now)
        figures.reserve = (try? SpoolReserve(layout: layout, fileSystem: fileSystem).state()) ?? .absent
        // What the reserve gave back is for mail, however far below the floor the disk is.
        if case .released(let floor) = figures.reserve { figures.floorBytes = min(figures.floorBytes, floor.bytes) }
        return figures
    }

    /// What can still be taken.
    public var roomBytes: Int { max(0, freeBytes - floorBytes) }

    public var reservedBytes: Int {
        if case .held(let size) = reserve { size.bytes } else { 0 }
    }

    /// Until the floor is reached at the present rate; nil where nothing comes or the rate is not known.
    public var secondsLeft: Int? { growth?.secondsLeft(room: roomBytes) }

    /// `12.3 GiB free above the floor, full in about 4 days 3 h at the rate of the last 24 h (1.2 MiB/s in the last hour)`
    public var outlook: String {
        guard hasBytes else { return "at the floor: mail is put off" }
        let room = "\(ByteCount(roomBytes)) free above the floor"
        guard let growth else { return room }
        guard let secondsLeft else { return room + ", nothing came in the last 24 h" }
        let (hour, day) = (Self.rate(growth.hourlyRate), Self.rate(growth.dailyRate))
        return room + ", full in \(Self.span(secondsLeft)) at the rate of "
            + (growth.hourlyRate > growth.dailyRate
                ? "the last hour (\(hour); \(day) in the last 24 h)"
                : "the last 24 h (\(day); \(hour) in the last hour)")
    }

    private static func rate(_ value: Double) -> String { "\(ByteCount(Int(min(value, 1e15))))/s" }

    /// `about 4 days 3 h`, `about 3 h 20 min`, `about 20 min`, `more than 2 years`.
    private static func span(_ seconds: Int) -> String {
        switch seconds {
        case ..<3_600: "about \(seconds / 60) min"
        case ..<86_400: "about \(seconds / 3_600) h \(seconds / 60 % 60) min"
        case ..<(86_400 * 1_000):
            "about \(seconds / 86_400) day\(seconds < 172_800 ? "" : "s") \(seconds / 3_600 % 24) h"
        default: "more than 2 years"
        }
    }
}
