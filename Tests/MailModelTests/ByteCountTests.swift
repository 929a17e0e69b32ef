import MailModel
import Testing

@Suite("Byte counts")
struct ByteCountTests {
    static let sizes: [(String, Int)] = [
        ("0", 0), ("10240000", 10_240_000), ("25 MiB", 26_214_400), ("25MiB", 26_214_400), ("25M", 26_214_400),
        ("25 m", 26_214_400), ("10 MB", 10_000_000), ("10mb", 10_000_000), ("4 KiB", 4_096), ("4 kb", 4_000),
        ("1 GiB", 1_073_741_824), ("1g", 1_073_741_824), ("7 B", 7),
    ]

    @Test("A size is read as people write it", arguments: sizes)
    func parses(text: String, bytes: Int) { #expect(ByteCount(text)?.bytes == bytes) }

    @Test(
        "What is no size is refused",
        arguments: [
            "", " ", "MiB", "-1", "+1", "1.5 MiB", "1e3", "25 MiBs", "25 TiB", "0x10", "９", "9223372036854775808",
            "9223372036854775807 KiB", "8589934592 GiB",
        ])
    func refuses(text: String) { #expect(ByteCount(text) == nil) }

    static let descriptions: [(Int, String)] = [
        (0, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (26_214_400, "25 MiB"), (1_536, "1.5 KiB"),
        (10_240_000, "9.7 MiB"),
        (1_073_741_824, "1 GiB"), (Int.max, "8589934591.9 GiB"),
    ]

    @Test("A size is written in its largest unit", arguments: descriptions)
    func describes(bytes: Int, text: String) { #expect(ByteCount(bytes).description == text) }
}
