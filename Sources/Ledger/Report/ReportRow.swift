import MailModel

/// Deliveries that are alike, counted.
struct ReportRow {
    var count: Int
    var bytes: Int
    var isDoubtful: Bool
    var isNormalised: Bool
    var firstAt: Timestamp?
    var lastAt: Timestamp?
}
