import Foundation
import MailModel

extension MessageID {
    /// The 16 octets that the Ledger stores, in big-endian order.
    init?(blob: Data) {
        guard blob.count == 16 else { return nil }
        let number = { (octets: Data.SubSequence) in octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(high: number(blob.prefix(8)), low: number(blob.suffix(8)))
    }

    /// The 16 octets that the Ledger stores.
    var blob: Data {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) }
    }
}

extension SHA256Digest {
    /// The 32 octets that the Ledger stores.
    init?(blob: Data) { self.init(bytes: blob) }
}
