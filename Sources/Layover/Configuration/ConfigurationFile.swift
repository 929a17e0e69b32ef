import Glibc

/// Reading and probing the files that the configuration consists of or names.
enum ConfigurationFile {
    /// Far above any configuration; keeps a wrong path, such as a disk image, from being read into memory.
    static let maximumBytes = 1 << 20

    /// All bytes of the file. Throws an error that names the file alone, as it has no lines yet.
    static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw unreadable(path, code: errno) }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else {
                throw ConfigurationError(
                    file: path, line: nil, key: nil, message: "is larger than 1 MiB, which no configuration is",
                    remedy: "give the right file with --config")
            }
        }
    }

    private static func unreadable(_ path: String, code: CInt) -> ConfigurationError {
        let remedy =
            switch code {
            case ENOENT: "create it (`layover config describe` prints one to start from) or give another with --config"
            case EACCES: "let the user of this command read it, or give another with --config"
            default: "give a readable file with --config"
            }
        return ConfigurationError(
            file: path, line: nil, key: nil, message: "cannot be read: \(systemMessage(code))", remedy: remedy)
    }

    /// What keeps this process from reading a file that an option names; nil when it is a regular file with content.
    static func obstacle(toReading path: String) -> String? {
        // O_NONBLOCK, since opening a pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return systemMessage(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return systemMessage(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { return "Not a regular file" }
        return status.st_size > 0 ? nil : "The file is empty"
    }

    private static func systemMessage(_ code: CInt) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }
}
