import MailModel
import Testing

@testable import Console

@Suite("Metrics")
struct MetricsTests {
    /// A sample line: name, labels, value.
    struct Sample {
        let name: String
        let labels: String
        let value: Double
    }

    /// Reads the text format strictly: each metric has HELP and TYPE once, before its samples.
    static func parse(_ text: String) throws -> [Sample] {
        #expect(text.hasSuffix("\n"))
        var (described, current, samples): (Set<String>, String, [Sample]) = ([], "", [])
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if let help = line.wholeMatch(of: /# HELP (layover_[a-z_]+) (.+)/) {
                current = String(help.1)
                #expect(described.insert(current).inserted, "\(current) twice")
            } else if let type = line.wholeMatch(of: /# TYPE (layover_[a-z_]+) (gauge|counter)/) {
                #expect(type.1 == current)
                #expect((type.2 == "counter") == current.hasSuffix("_total"), "\(current) is a \(type.2)")
            } else {
                let sample = try #require(
                    line.wholeMatch(
                        of: /(layover_[a-z_]+)(\{[a-z_]+="(?:[^"\\]|\\["\\n])*"\})? (-?[0-9.e+]+|NaN|[+-]Inf)/),
                    "\(line)")
                #expect(sample.1 == current)
                samples.append(
                    Sample(
                        name: String(sample.1), labels: String(sample.2 ?? ""),
                        value: try #require(Double(String(sample.3)))))
            }
        }
        #expect(described == Set(samples.map(\.name)))
        return samples
    }

    private func value(_ name: String, _ labels: String = "", in samples: [Sample]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    @Test("The status stands in the metrics, and the states add up to what was accepted")
    func values() throws {
        let samples = try Self.parse(MetricsPage.text(.success(SampleStatus.healthy)))
        #expect(value("layover_ready", in: samples) == 1)
        #expect(value("layover_deliveries", "{state=\"held\"}", in: samples) == 18_000)
        #expect(value("layover_deliveries", "{state=\"appending\"}", in: samples) == 2)
        #expect(value("layover_deliveries", "{state=\"verified\"}", in: samples) == 39_011)
        let sum = samples.filter { $0.name == "layover_deliveries" }.reduce(0) { $0 + $1.value }
        #expect(sum == value("layover_deliveries_accepted", in: samples))
        #expect(value("layover_receiver_messages_accepted_total", in: samples) == 48_213)
        #expect(value("layover_disk_floor_bytes", in: samples) == Double(25 << 30))
        #expect(value("layover_target_connections_ceiling", "{target=\"ox\"}", in: samples) == 8)
        #expect(value("layover_mailboxes", "{state=\"replaying\"}", in: samples) == 1)
        #expect(value("layover_mailboxes", "{state=\"old\"}", in: samples) == 0)
        #expect(value("layover_waves", "{state=\"open\"}", in: samples) == 1)
        #expect(value("layover_start_time_seconds", in: samples) == Double(SampleStatus.now.seconds - 273_600))
    }

    @Test("No address and no error text is in the metrics")
    func privacy() {
        let text = MetricsPage.text(.success(SampleStatus.troubled))
        for word in ["@", "example.com", "script", "OVERQUOTA"] { #expect(!text.contains(word), "\(word)") }
    }

    @Test("A hostile target name stays inside its label")
    func labels() throws {
        let name = "a\"b\\c\nlayover_ready 1"
        let status = SampleStatus.changed {
            $0.replay = ReplayFigures(
                isFollowing: false,
                targets: [TargetFigures(name: name, connectionsInUse: 1, connectionCeiling: 2, messagesPerSecond: .nan)]
            )
        }
        let samples = try Self.parse(MetricsPage.text(.success(status)))
        #expect(value("layover_target_connections", #"{target="a\"b\\c\nlayover_ready 1"}"#, in: samples) == 1)
    }

    @Test("What is not in this process is left out, not zero", arguments: [true, false])
    func apart(hasLedger: Bool) throws {
        let status = SampleStatus.changed {
            ($0.receiver, $0.replay) = (nil, nil)
            if !hasLedger { $0.ledger = .unreadable("gone") }
        }
        let samples = try Self.parse(MetricsPage.text(.success(status)))
        #expect(!samples.contains { $0.name.hasPrefix("layover_receiver") || $0.name.hasPrefix("layover_target") })
        #expect(value("layover_ledger_readable", in: samples) == (hasLedger ? 1 : 0))
        #expect(value("layover_ready", in: samples) == (hasLedger ? 1 : 0))
        #expect(samples.contains { $0.name == "layover_deliveries" } == hasLedger)
    }

    @Test("Without a status two metrics are left, and say so")
    func failure() throws {
        let samples = try Self.parse(MetricsPage.text(.failure(FixedSource.Failure(description: "x"))))
        #expect(samples.map(\.name) == ["layover_status_up", "layover_ready"])
        #expect(samples.allSatisfy { $0.value == 0 })
    }
}
