extension ThrowawayDovecot {
    /// Settings for `init`: each user may keep so many bytes, and no message may be larger than so many.
    public static func quota(bytes: Int, largestMessage: Int? = nil) -> String {
        """
        mail_plugins = quota
        protocol imap {
          mail_plugins = quota imap_quota
        }
        plugin {
          quota = count:User quota
          quota_vsizes = yes
          quota_rule = *:bytes=\(bytes)
          quota_grace = 0
          \(largestMessage.map { "quota_max_mail_size = \($0)" } ?? "")
        }
        """
    }
}
