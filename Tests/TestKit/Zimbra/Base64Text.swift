import Foundation

/// Base64 as AUTHENTICATE carries it.
enum Base64Text {
    static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map(Array.init) }
}
