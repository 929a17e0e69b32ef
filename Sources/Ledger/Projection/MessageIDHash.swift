/// The 64-bit hash under which a Message-ID is indexed.
enum MessageIDHash {
    /// FNV-1a over the octets between the angle brackets, finished so that all bits take part. Stable: it is stored.
    static func hash(_ messageID: String) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bare(messageID).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 32
        hash = hash &* 0x9e37_79b9_7f4a_7c15
        return Int64(bitPattern: hash ^ hash >> 29)
    }

    /// Without the angle brackets, which people leave out when they ask.
    static func bare(_ messageID: String) -> Substring {
        guard messageID.utf8.first == UInt8(ascii: "<"), messageID.utf8.last == UInt8(ascii: ">") else {
            return messageID[...]
        }
        return messageID.dropFirst().dropLast()
    }
}
