import Testing

@testable import Layover

@Suite("Sessions within the limit of open files")
struct DescriptorLimitTests {
    @Test(
        "As many sessions as were asked for, less where files would be left none",
        arguments: [
            (2_000, 1_048_576, 2_000), (2_000, 2_256, 2_000), (2_000, 2_255, 1_999), (2_000, 1_024, 768), (10, 64, 10),
            (2_000, 64, 32), (2_000, 1, 1), (2_000, 0, 1),
        ])
    func sessions(wanted: Int, descriptors: Int, expected: Int) {
        #expect(DescriptorLimit.sessions(wanted, within: descriptors) == expected)
    }

    @Test("The soft limit is raised to the hard one")
    func raise() {
        let descriptors = DescriptorLimit.raise()
        #expect(descriptors ?? 0 > 0 && DescriptorLimit.raise() == descriptors)
    }
}
