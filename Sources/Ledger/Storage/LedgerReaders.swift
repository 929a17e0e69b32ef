import GRDB

/// Read-only connections to one Ledger file.
final class LedgerReaders: Sendable {
    let identity: FileIdentity
    let pool: DatabasePool

    init(path: String, identity: FileIdentity) throws {
        self.identity = identity
        var configuration = Configuration()
        configuration.label = "ledger.reader"
        configuration.readonly = true
        configuration.maximumReaderCount = LedgerLimits.readers
        configuration.busyMode = .timeout(LedgerLimits.busyTimeoutSeconds)
        configuration.prepareDatabase { try ConnectionSettings.common($0, cacheKiB: LedgerLimits.readerCacheKiB) }
        pool = try SQLiteFailure.translated(path: path) { try DatabasePool(path: path, configuration: configuration) }
    }
}
