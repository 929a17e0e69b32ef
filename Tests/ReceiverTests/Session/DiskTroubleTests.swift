import Foundation
import MailModel
import NIOCore
import Spool
import Testing

@testable import Receiver

@Suite("A disk that is full, slow or broken", .timeLimit(.minutes(10)))
struct DiskTroubleTests {
    private static let small = "Subject: x\r\n\r\nsmall\r\n."
    private static let large =
        "Subject: x\r\n\r\n" + String(repeating: String(repeating: "y", count: 98) + "\r\n", count: 30_000) + "."

    private func floor(_ bytes: Int) -> ReceiverConfiguration {
        var limits = ReceiverLimits()
        limits.minimumFree = .bytes(ByteCount(bytes))
        return ReceiverFixture.configuration(limits)
    }

    @Test("Below the floor MAIL is put off, above it it is taken; what is declared counts")
    func mail() async throws {
        try await ReceiverFixture.run(floor(10_000_000)) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.command("EHLO c")
            for (free, size, code) in [
                (9_999_999, 0, "452 4.3.1"), (10_000_000, 0, "250 2.1.0"), (11_000_000, 1_000_001, "452 4.3.1"),
                (11_000_000, 1_000_000, "250 2.1.0"),
            ] {
                fixture.disk.setFree(bytes: free)
                try fixture.refreshSpace()
                #expect(try await client.command("MAIL FROM:<a@b.test> SIZE=\(size)")?.prefix(9) == code[...])
                try await client.command("RSET")
            }
        }
    }

    @Test("Room that went since MAIL is missed before 354")
    func beforeData() async throws {
        try await ReceiverFixture.run(floor(10_000_000)) { fixture, address in
            fixture.disk.setFree(bytes: 12_000_000)
            try fixture.refreshSpace()
            let (one, other) = (
                try await SMTPTestClient.connect(to: address), try await SMTPTestClient.connect(to: address)
            )
            _ = await other.reply()
            for line in ["EHLO c", "MAIL FROM:<a@b.test> SIZE=1500000", "RCPT TO:<u@example.com>"] {
                #expect(try await other.command(line)?.hasPrefix("250") == true)
            }
            #expect(try await one.beginMessage()?.hasPrefix("354") == true)
            try await one.send([UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000))
            try await fixture.eventually { fixture.environment.space.reservedBytes > 1_000_000 }
            #expect(try await other.command("DATA")?.hasPrefix("452 4.3.1") == true)
            // The first one's promise goes with it, and DATA may be tried again.
            await one.close()
            try await fixture.eventually { fixture.environment.space.reservedBytes == 0 }
            #expect(try await other.command("DATA")?.hasPrefix("354") == true)
            #expect(try await other.command(Self.small)?.hasPrefix("250") == true)
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test("Sessions that declare much and send nothing take nobody's room, and next to no memory")
    func declaredOnly() async throws {
        try await ReceiverFixture.run(floor(10_000_000)) { fixture, address in
            fixture.disk.setFree(bytes: 40_000_000)
            try fixture.refreshSpace()
            var silent: [SMTPTestClient] = []
            for _ in 0..<20 {
                let client = try await SMTPTestClient.connect(to: address)
                #expect(try await client.beginMessage(parameters: " SIZE=26000000")?.hasPrefix("354") == true)
                silent.append(client)
            }
            #expect(fixture.environment.space.reservedBytes <= 20 * SpaceReservation.step.bytes)
            #expect(fixture.environment.bodies.budget.bytes <= 20 * (17 << 10))
            let client = try await SMTPTestClient.connect(to: address)
            #expect(try await client.beginMessage(parameters: " SIZE=26000000")?.hasPrefix("354") == true)
            #expect(try await client.command(Self.large)?.hasPrefix("250") == true)
            for client in silent { await client.close() }
        }
    }

    @Test("What of a large body is in its file already does not count as a promise too")
    func spent() async throws {
        try await ReceiverFixture.run { fixture, address in
            fixture.disk.setFree(bytes: 1 << 39)
            try fixture.refreshSpace()
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            try await client.send(String(repeating: String(repeating: "y", count: 98) + "\r\n", count: 100_000))
            let space = fixture.environment.space
            try await fixture.eventually {
                (1 << 39) - space.free.freeBytes > 9_000_000 && space.reservedBytes < 1 << 20
            }
            #expect(try await client.command(".")?.hasPrefix("250") == true)
            try await fixture.eventually { fixture.isAtRest }
            #expect(try fixture.spool.messages().map { $0.bytes.count } == [(1 << 39) - space.free.freeBytes])
        }
    }

    @Test(
        "A message that grows beyond what it declared cannot push the disk below the floor",
        arguments: ["", " SIZE=10"])
    func whileStreaming(parameters: String) async throws {
        try await ReceiverFixture.run(floor(10_000_000)) { fixture, address in
            fixture.disk.setFree(bytes: 12_000_000)
            try fixture.refreshSpace()
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage(parameters: parameters)
            #expect(try await client.command(Self.large)?.hasPrefix("452 4.3.1") == true)
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
            try await client.beginMessage(greets: false)
            #expect(try await client.command(Self.small)?.hasPrefix("250") == true)
            #expect(try fixture.spool.messages().count == 1)
        }
    }

    @Test(
        "No room in the middle of a large body is 452, nothing stays, and the next message is taken",
        arguments: [
            (ScriptedFileSystem.Operation.create, "large"), (.write, "large"), (.sync, "large"), (.rename, "large"),
            (.write, "segments"),
        ])
    func full(operation: ScriptedFileSystem.Operation, directory: String) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            fixture.disk.fail(operation, in: directory, with: ENOSPC)
            #expect(try await client.command(Self.large)?.hasPrefix("452 4.3.1") == true)
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
            #expect(fixture.reportedDiskFailures.isEmpty)
            fixture.disk.heal()
            try await client.beginMessage(greets: false)
            #expect(try await client.command(Self.large)?.hasPrefix("250") == true)
            #expect(try fixture.spool.messages().count == 1)
            #expect(try fixture.spool.largeFiles().count == 1)
        }
    }

    @Test(
        "A disk that breaks under a large body is 451 and is reported",
        arguments: [ScriptedFileSystem.Operation.write, .sync, .rename])
    func brokenLarge(operation: ScriptedFileSystem.Operation) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            fixture.disk.fail(operation, in: "large", with: EIO)
            #expect(try await client.command(Self.large)?.hasPrefix("451 4.3.0") == true)
            #expect(fixture.reportedDiskFailures.map(\.systemError) == [EIO])
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
        }
    }

    @Test("A disk that breaks under the last large message of a receiver that stops is no orderly end")
    func brokenWhileDraining() async throws {
        let disk = ScriptedFileSystem()
        let (phases, source) = AsyncStream.makeStream(of: ReceiverPhase.self)
        let receiver = try await RunningReceiver.start(disk: disk) { source.yield($0) }
        let client = try await SMTPTestClient.connect(to: receiver.address)
        try await client.beginMessage()
        await receiver.beginShutdown()
        for await phase in phases where phase == .draining { break }
        disk.fail(.sync, in: "large", with: EIO)
        #expect(try await client.command(Self.large)?.hasPrefix("451 4.3.0") == true)
        let error = await #expect(throws: SpoolError.self) { try await receiver.ended() }
        #expect(error?.systemError == EIO)
    }

    @Test(
        "Too many open files under a message is 451, nothing stays, nothing is reported, and the next one is taken",
        arguments: [("large", large), ("segments", small)], [EMFILE, ENFILE])
    func noDescriptor(_ place: (directory: String, text: String), number: Int32) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            fixture.disk.fail(.create, in: place.directory, with: number)
            #expect(try await client.command(place.text)?.hasPrefix("451 4.3.0") == true)
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
            fixture.disk.heal()
            try await client.beginMessage(greets: false)
            #expect(try await client.command(place.text)?.hasPrefix("250") == true)
            #expect(fixture.reportedDiskFailures.isEmpty && fixture.writer.failed == nil)
            #expect(try fixture.spool.messages().count == 1)
        }
    }

    @Test(
        "A writer that failed answers 451 in every session, 451 at MAIL, and 421 to who comes",
        arguments: [ScriptedFileSystem.Operation.write, .sync])
    func brokenSegment(operation: ScriptedFileSystem.Operation) async throws {
        try await ReceiverFixture.run { fixture, address in
            let clients = [
                try await SMTPTestClient.connect(to: address), try await SMTPTestClient.connect(to: address),
            ]
            for client in clients { try await client.beginMessage() }
            fixture.disk.fail(operation, in: "segments", with: EIO)
            for client in clients { #expect(try await client.command(Self.small)?.hasPrefix("451 4.3.0") == true) }
            #expect(try await clients[0].command("MAIL FROM:<a@b.test>")?.hasPrefix("451 4.3.0") == true)
            #expect(try await clients[0].command("QUIT")?.hasPrefix("221") == true)
            let late = try await SMTPTestClient.connect(to: address)
            #expect(await late.reply()?.hasPrefix("421 4.3.2") == true)
            #expect(await late.reply() == nil)
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test("A large file whose record may have reached a broken disk is kept")
    func doubtfulRecord() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            fixture.disk.fail(.sync, in: "segments", with: EIO)
            #expect(try await client.command(Self.large)?.hasPrefix("451 4.3.0") == true)
            #expect(try fixture.spool.largeFiles().count == 1)
        }
    }

    @Test("With next to no memory, many large messages at once are all stored, byte for byte")
    func tinyBudget() async throws {
        var limits = ReceiverLimits()
        limits.bodyMemory = .kib(64)
        try await ReceiverFixture.run(ReceiverFixture.configuration(limits)) { fixture, address in
            let bodies = (0..<12).map { number in
                "n: \(number)\r\n\r\n"
                    + String(repeating: "\(number) " + String(repeating: "z", count: 70) + "\r\n", count: 70_000)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for body in bodies {
                    group.addTask {
                        let client = try await SMTPTestClient.connect(to: address)
                        try await client.beginMessage()
                        #expect(try await client.command(body + ".")?.hasPrefix("250") == true)
                    }
                }
                try await group.waitForAll()
            }
            let stored = try fixture.spool.messages().map { String(decoding: $0.body, as: UTF8.self) }
            #expect(Set(stored) == Set(bodies))
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test("While the disk hangs, other sessions are answered and nothing is acknowledged")
    func hanging() async throws {
        try await ReceiverFixture.run { fixture, address in
            let (one, other) = (
                try await SMTPTestClient.connect(to: address), try await SMTPTestClient.connect(to: address)
            )
            fixture.disk.segmentGate.close()
            try await one.beginMessage()
            try await one.send(Self.small + "\r\n")
            _ = await other.reply()
            #expect(try await other.command("NOOP")?.hasPrefix("250") == true)
            #expect(try await other.command("QUIT")?.hasPrefix("221") == true)
            #expect(fixture.environment.statistics.snapshot.messagesAccepted == 0)
            fixture.disk.segmentGate.open()
            #expect(await one.reply()?.hasPrefix("250") == true)
        }
    }
}
