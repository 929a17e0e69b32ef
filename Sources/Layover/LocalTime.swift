import Foundation
import MailModel

/// A moment as the clock on the wall shows it, and as the log does.
struct LocalTime: CustomStringConvertible {
    let time: Timestamp

    init(_ time: Timestamp) { self.time = time }

    /// `2026-11-27 20:00:00 CET, that is 2026-11-27T19:00:00.000Z`
    var description: String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyyy-MM-dd HH:mm:ss zzz"
        let moment = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
        return "\(format.string(from: moment)), that is \(time.rfc3339)"
    }
}
