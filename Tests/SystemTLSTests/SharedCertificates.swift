import Foundation

/// The certificates of one test run: made once, since each takes a process, and removed when the run ends.
enum SharedCertificates {
    private static let made = Result {
        let certificates = try TestCertificates()
        atexit { try? SharedCertificates.get().remove() }
        return certificates
    }

    static func get() throws -> TestCertificates { try made.get() }
}
