import Logging
import MailModel
import Spool
import Synchronization

/// Keeps the reserve, and tells the log when the disk comes near its end: once for each change, not for each message.
final class SpaceWatch: Sendable {
    /// What a look has found to be new.
    enum Change: Equatable {
        case floorReached
        case floorLeft
        /// There is room above the floor, and messages in flight need all of it.
        case roomPromised
        case roomFree
        /// Less than a day is left at the present rate.
        case runsShort(seconds: Int)
        case lastsAgain
    }

    /// What was told last, and when the rate was last measured.
    struct State {
        /// Below this many seconds a warning is due; above the second it is taken back. Apart, so that a rate that goes up and
        /// down does not fill the log.
        static let shortSeconds = 24 * 3_600
        static let longSeconds = 26 * 3_600

        private var isAtFloor = false
        private var isPromised = false
        private var isShort = false

        /// - Parameters:
        ///   - promisedBytes: of the room, what messages in flight may still write.
        ///   - secondsLeft: nil where nothing comes.
        mutating func changes(roomBytes: Int, promisedBytes: Int = 0, secondsLeft: Int?) -> [Change] {
            var changes: [Change] = []
            if (roomBytes < 0) != isAtFloor {
                isAtFloor = roomBytes < 0
                changes.append(isAtFloor ? .floorReached : .floorLeft)
            }
            // At the floor nothing comes and no rate means anything: what was told stays.
            guard !isAtFloor else { return changes }
            if !isPromised && promisedBytes > 0 && roomBytes - promisedBytes < SpaceReservation.step.bytes {
                isPromised = true
                changes.append(.roomPromised)
            } else if isPromised && promisedBytes <= roomBytes / 2 {
                isPromised = false
                changes.append(.roomFree)
            }
            let seconds = secondsLeft ?? .max
            if !isShort && seconds < Self.shortSeconds {
                isShort = true
                changes.append(.runsShort(seconds: seconds))
            } else if isShort && seconds > Self.longSeconds {
                isShort = false
                changes.append(.lastsAgain)
            }
            return changes
        }
    }

    /// The rate changes slowly, and costs a look at the day's files.
    private static let measuresEvery: Int64 = 60_000

    private struct Memory {
        var state = State()
        var growth: SpoolGrowth?
        var measuredAt = Timestamp(seconds: 0)
    }

    private let layout: SpoolLayout
    private let space: SpaceGuard
    private let reserve: ByteCount
    private let logger: Logger
    private let memory = Mutex(Memory())

    init(layout: SpoolLayout, space: SpaceGuard, reserve: ByteCount, logger: Logger) {
        self.layout = layout
        self.space = space
        self.reserve = reserve
        self.logger = logger
    }

    /// Makes the reserve where there is plenty of room. Blocks. No failure of it keeps mail from being taken.
    func begin() {
        let file = SpoolReserve(layout: layout)
        do {
            guard reserve.bytes > 0 else {
                // Switched off: what there is of it is only in the way.
                if try file.state() != .absent { try file.remove() }
                return
            }
            let before = try file.state()
            if try file.make(reserve, floor: space.floorBytes) {
                if before != .held(reserve) { logger.notice("reserve made", metadata: ["size": "\(reserve)"]) }
            } else {
                logger.warning("no reserve: there is too little room above the floor", metadata: ["size": "\(reserve)"])
            }
            try space.refresh()
        } catch {
            logger.warning("no reserve", metadata: ["error": "\(error)"])
        }
    }

    /// Tells what has changed. Blocks.
    func look(now: Timestamp) {
        let (room, promised) = (space.roomBytes, space.reservedBytes)
        let growth = measure(now)
        let changes = memory.withLock {
            $0.state.changes(
                roomBytes: room, promisedBytes: promised, secondsLeft: growth?.secondsLeft(room: room))
        }
        for change in changes { tell(change, room) }
    }

    private func measure(_ now: Timestamp) -> SpoolGrowth? {
        let (isDue, known) = memory.withLock { memory in
            (now.milliseconds &- memory.measuredAt.milliseconds >= Self.measuresEvery, memory.growth)
        }
        guard isDue else { return known }
        let growth = try? SpoolGrowth.measure(layout: layout, now: now)
        memory.withLock { ($0.growth, $0.measuredAt) = (growth, now) }
        return growth
    }

    private func tell(_ change: Change, _ room: Int) {
        switch change {
        case .floorReached:
            logger.error(
                "the disk is at its floor: mail is put off until there is room; `layover reserve release` gives some",
                metadata: ["floor": "\(ByteCount(space.floorBytes))"])
        case .floorLeft: logger.notice("the disk has room again: mail is taken")
        case .roomPromised:
            logger.warning(
                "messages that are arriving fill the room above the floor: others are put off until they have ended",
                metadata: ["room": "\(ByteCount(max(0, room)))", "floor": "\(ByteCount(space.floorBytes))"])
        case .roomFree: logger.notice("messages that are arriving leave room again: mail is taken")
        case .runsShort(let seconds):
            logger.warning(
                "the disk is full in less than a day at the present rate",
                metadata: ["hours": "\(seconds / 3_600)", "room": "\(ByteCount(max(0, room)))"])
        case .lastsAgain: logger.notice("the disk lasts for more than a day again")
        }
    }
}
