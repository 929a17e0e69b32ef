extension ConfigurationOption {
    /// Every option there is, in the order in which the described file shows them.
    static let all: [ConfigurationOption] =
        [LayoverConfiguration.hostnameSetting.option] + SpoolSection.options + ReceiveSection.options
        + ReceiveLimitsSection.options + BlocklistsSection.options + VerdictSection.options + ReceiveTLSSection.options
        + TargetSection.options
        + DomainAliases.options + ConsoleSection.options
        + LogSection.options
}
