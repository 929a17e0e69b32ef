import ArgumentParser
import MailModel
import Spool

/// `layover reserve`: the room that is kept for a full disk.
struct ReserveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reserve", abstract: "Release the reserve file when the disk is full, and restore it afterwards.",
        subcommands: [Release.self, Restore.self])

    /// `layover reserve release`
    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the reserved room back, so that mail is taken while you make room.",
            discussion: "Opens no database and works on a disk without a free byte.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let (layout, _) = try ReserveCommand.open(common)
            let disk = POSIXFileSystem()
            let reserve = SpoolReserve(layout: layout)
            switch try reserve.state() {
            case .absent:
                throw CommandError(
                    .badData, "\(layout.reserve): there is no reserve; `spool.reserve` says how large one is to be")
            case .released:
                return Output.print("the reserve was released before; `layover reserve restore` makes it again")
            case .held(let size):
                _ = try reserve.release()
                let free = try disk.freeSpace(at: layout.directory).freeBytes
                Output.print(
                    "\(size) released, \(ByteCount(free)) free now; mail is taken until most of that is used. Make room, then run `layover reserve restore`"
                )
            }
        }
    }

    /// `layover reserve restore`
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make the reserve again, once there is room.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let (layout, spool) = try ReserveCommand.open(common)
            let reserve = SpoolReserve(layout: layout)
            guard spool.reserve.bytes > 0 else {
                try reserve.remove()
                return Output.print("`spool.reserve` is 0: there is no reserve")
            }
            let total = try POSIXFileSystem().freeSpace(at: layout.directory).totalBytes
            let floor = spool.minFree.bytes(ofTotal: ByteCount(total))
            guard try reserve.make(spool.reserve, floor: floor.bytes) else {
                throw CommandError(
                    .temporary,
                    "there is not enough room: five times \(spool.reserve) must be free above the floor of \(floor)")
            }
            Output.print("\(spool.reserve) reserved in \(layout.reserve)")
        }
    }

    fileprivate static func open(_ common: CommonOptions) throws -> (SpoolLayout, SpoolSection) {
        let configuration = try common.load()
        try SpoolOwner.become(ownerOf: configuration.spool.directory)
        return (configuration.layout, configuration.spool)
    }
}
