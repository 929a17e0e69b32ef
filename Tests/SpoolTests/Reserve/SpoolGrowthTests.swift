import Foundation
import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("How fast a spool grows")
struct SpoolGrowthTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk = POSIXFileSystem()
    private static let now = Timestamp(seconds: 1_790_000_000)

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        try layout.create(disk)
    }

    /// A segment that was written evenly between two moments, in seconds before now.
    private func segment(_ number: Int, bytes: Int, from: Int64, to: Int64) throws {
        let created = Self.now.adding(milliseconds: -from * 1000)
        let header = FileHeader(kind: .segment, number: number, nonce: FileHeader.freshNonce(), created: created)
        let file = try disk.open(layout.segment(number), .createNew)
        try file.write(header.encode(hasher: SHA256Hasher()), at: 0)
        try file.truncate(to: bytes)
        let changed = Date(timeIntervalSince1970: Double(Self.now.seconds - to))
        try FileManager.default.setAttributes([.modificationDate: changed], ofItemAtPath: layout.segment(number))
    }

    private func measured() throws -> SpoolGrowth { try SpoolGrowth.measure(layout: layout, now: Self.now) }

    @Test("An empty spool takes nothing, and its disk is never full")
    func empty() throws {
        let growth = try measured()
        #expect((growth.bytesLastHour, growth.bytesLastDay) == (0, 0))
        #expect(growth.secondsLeft(room: 1_000) == nil)
    }

    @Test("Whole segments count where they are in the window, and by their part where they reach into it")
    func windows() throws {
        try segment(1, bytes: 1_000_000, from: 500_000, to: 200_000)
        try segment(2, bytes: 1_000_000, from: 96_400, to: 76_400)
        try segment(3, bytes: 1_000_000, from: 5_400, to: 1_800)
        try segment(4, bytes: 1_000_000, from: 1_700, to: 10)
        let growth = try measured()
        #expect(growth.bytesLastDay == 2_500_000)
        #expect(growth.bytesLastHour == 1_500_000)
        #expect(growth.ageSeconds == 500_000)
        #expect(growth.secondsLeft(room: 1_500_000) == 3_600)
        #expect(growth.secondsLeft(room: -5) == 0)
    }

    @Test("Large files count by the time in their names")
    func large() throws {
        try segment(1, bytes: 1_000, from: 90_000, to: 50)
        for (age, bytes) in [(100, 5_000), (10_000, 70_000), (100_000, 900_000)] {
            let id = MessageID(
                milliseconds: UInt64(Self.now.milliseconds - Int64(age) * 1000), random: 1, UInt64(age))
            try disk.open(layout.largeFile(id), .createNew).truncate(to: bytes)
        }
        let growth = try measured()
        #expect(growth.bytesLastDay >= 75_000 && growth.bytesLastDay < 76_001)
        #expect(growth.bytesLastHour >= 5_000 && growth.bytesLastHour < 6_001)
    }

    @Test("A spool of ten minutes is not taken for a slow one")
    func young() throws {
        try segment(1, bytes: 600_000, from: 600, to: 0)
        let growth = try measured()
        #expect(growth.hourlyRate == 1_000 && growth.dailyRate == 1_000)
        #expect(growth.secondsLeft(room: 1_000_000) == 1_000)
    }
}
