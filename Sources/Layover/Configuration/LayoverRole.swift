/// What a process does, and so which sections of the configuration must be right for it. `serve` is all of them.
enum LayoverRole: String, CaseIterable, Sendable {
    case receive, replay, console
}
