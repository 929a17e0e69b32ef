import Foundation
import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("The reserve")
struct SpoolReserveTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let reserve: SpoolReserve

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        reserve = SpoolReserve(layout: layout)
    }

    private func allocated() -> Int {
        var info = stat()
        return lstat(layout.reserve, &info) == 0 ? Int(info.st_blocks) * 512 : 0
    }

    @Test("Made, its blocks are its own; released, they are free and the line says which floor counts")
    func wholeLife() throws {
        #expect(try reserve.state() == .absent)
        #expect(try reserve.make(.mib(4), floor: 0))
        #expect(try reserve.state() == .held(.mib(4)))
        #expect(allocated() >= 4 << 20)
        guard case .released(let floor) = try reserve.release() else { throw TestFailure("not released") }
        #expect(allocated() < 1 << 20)
        // What was free before, and an eighth of what was given back.
        #expect(floor.bytes >= (4 << 20) / 8)
        #expect(try reserve.state() == .released(floor: floor))
        #expect(try reserve.release() == .released(floor: floor))
        #expect(try reserve.make(.mib(4), floor: 0))
        #expect(try reserve.state() == .held(.mib(4)))
        #expect(allocated() >= 4 << 20)
    }

    @Test("Another size in the configuration makes it larger or smaller", arguments: [1, 8])
    func resized(mebibytes: Int) throws {
        #expect(try reserve.make(.mib(4), floor: 0))
        #expect(try reserve.make(.mib(mebibytes), floor: 0))
        #expect(try reserve.state() == .held(.mib(mebibytes)))
        #expect(allocated() >= mebibytes << 20)
    }

    @Test("It is not made where it would bring the disk near its floor")
    func floor() throws {
        let free = try POSIXFileSystem().freeSpace(at: scratch.path).freeBytes
        #expect(try !reserve.make(.mib(16), floor: free - (40 << 20)))
        #expect(try !reserve.make(ByteCount(.max / 2), floor: 0))
        #expect(try !reserve.make(.mib(1), floor: .max))
        #expect(try reserve.state() == .absent)
    }

    @Test(
        "Without one there is nothing to release, and an emptied or strange file is none",
        arguments: ["", "rm", "released x y\n"])
    func absent(text: String) throws {
        if text != "rm" { try Data(text.utf8).write(to: URL(filePath: layout.reserve)) }
        #expect(try reserve.state() == .absent)
        #expect(throws: SpoolError.self) { try reserve.release() }
        #expect(try reserve.make(.mib(1), floor: 0))
        try reserve.remove()
        try reserve.remove()
        #expect(try reserve.state() == .absent)
    }

    @Test("A link in its place is an error, not a way out of the spool")
    func link() throws {
        try FileManager.default.createSymbolicLink(atPath: layout.reserve, withDestinationPath: scratch.path + "/alien")
        #expect(throws: SpoolError.self) { try reserve.make(.mib(1), floor: 0) }
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/alien"))
    }
}
