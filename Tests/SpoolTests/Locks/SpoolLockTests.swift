import TestKit
import Testing

@testable import Spool

@Suite("Locks")
struct SpoolLockTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    @Test("A lock has one holder until it is given back, also within one process")
    func exclusive() throws {
        let first = try SpoolLock.acquire(layout: layout, name: .journal, wait: false)
        #expect(first != nil)
        #expect(try SpoolLock.acquire(layout: layout, name: .journal, wait: false) == nil)
        #expect(try SpoolLock.acquire(layout: layout, name: .ledgerWriter, wait: false) != nil)
        first?.release()
        first?.release()
        #expect(try SpoolLock.acquire(layout: layout, name: .journal, wait: false) != nil)
    }

    @Test("A lock ends with its last reference")
    func lastReference() throws {
        _ = try SpoolLock.acquire(layout: layout, name: .receiver, wait: false)
        #expect(try SpoolLock.acquire(layout: layout, name: .receiver, wait: false) != nil)
    }

    @Test("Readers share a lock with each other and with nobody else")
    func shared() throws {
        let readers = try (0..<3).map { _ in try SpoolLock.share(layout: layout, name: .receiver) }
        #expect(readers.allSatisfy { $0 != nil })
        #expect(try SpoolLock.acquire(layout: layout, name: .receiver, wait: false) == nil)
        for reader in readers { reader?.release() }
        let receiver = try SpoolLock.acquire(layout: layout, name: .receiver, wait: false)
        #expect(receiver != nil)
        #expect(try SpoolLock.share(layout: layout, name: .receiver) == nil)
    }

    @Test(
        "Mailboxes have a lock each, whatever their login holds",
        arguments: ["a", "../../etc/passwd", "", "é\n", "a/b", String(repeating: "x", count: 5_000)])
    func mailboxes(login: String) throws {
        let lock = try SpoolLock.acquire(layout: layout, name: .mailbox(target: "ox", login: login), wait: false)
        #expect(lock != nil)
        #expect(try SpoolLock.acquire(layout: layout, name: .mailbox(target: "ox", login: login), wait: false) == nil)
        #expect(
            try SpoolLock.acquire(layout: layout, name: .mailbox(target: "zimbra", login: login), wait: false) != nil)
    }
}
