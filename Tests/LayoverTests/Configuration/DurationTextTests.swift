import Testing

@testable import Layover

@Suite struct DurationTextTests {
    @Test(
        "A whole number and a unit are a duration",
        arguments: [
            ("14 days", .seconds(1_209_600)), ("1 day", .seconds(86_400)), ("200 s", .seconds(200)),
            ("5 min", .seconds(300)),
            ("5min", .seconds(300)), ("2 hours", .seconds(7_200)), ("500 ms", .milliseconds(500)),
            ("3 w", .seconds(1_814_400)),
            ("0 s", .zero),
        ] as [(String, Duration)])
    func taken(_ text: String, _ duration: Duration) {
        #expect(DurationText(text)?.duration == duration)
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "5", "s", "-5 s", "1.5 h", "5 m", "5 S", "5 months", "٣ s", " 5 s", "5 s ", "99999999999999999 days",
        ])
    func refused(_ text: String) {
        #expect(DurationText(text) == nil)
    }

    @Test(
        "A duration is shown in the largest unit that leaves no rest, and read back",
        arguments: ["14 days", "1 day", "36 h", "90 s", "5 min", "1500 ms", "0 s"])
    func shown(_ text: String) {
        #expect(DurationText(text)?.description == text)
    }
}
