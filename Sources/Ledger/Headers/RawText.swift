/// Text whose character set nobody named.
enum RawText {
    /// UTF-8 where the bytes are UTF-8, else Windows-1252, in which every byte is a character or U+FFFD.
    static func decode(_ bytes: some Collection<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? CharacterSet.windows1252.decode(bytes)
    }
}
