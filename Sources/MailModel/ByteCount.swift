/// A number of bytes, written for people as `25 MiB`.
public struct ByteCount: Hashable, Sendable, Comparable {
    public let bytes: Int

    public init(_ bytes: Int) { self.bytes = bytes }

    public static func kib(_ count: Int) -> ByteCount { ByteCount(count << 10) }
    public static func mib(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    private static let units: [(name: String, bytes: Int)] = [
        ("gib", 1 << 30), ("mib", 1 << 20), ("kib", 1 << 10), ("gb", 1_000_000_000), ("mb", 1_000_000), ("kb", 1_000),
        ("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10), ("b", 1), ("", 1),
    ]

    /// Parses `25 MiB`, `25M`, `10 MB`, `10240000`; units are taken in any case. Nil for anything else or an overflow.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let number = Int(digits), let factor = Self.units.first(where: { $0.name == unit })?.bytes else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.init(product)
    }
}

extension ByteCount: CustomStringConvertible {
    /// The shortest exact form where there is one (`25 MiB`), else one decimal (`1.4 MiB`).
    public var description: String {
        for (name, unit) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= unit {
            let tenths = bytes / unit * 10 + bytes % unit * 10 / unit
            return tenths % 10 == 0 ? "\(tenths / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
        }
        return "\(bytes) B"
    }
}
