// The names are Linux's, the same on every processor that Swift runs on.

extension Errno {
  /// Operation not permitted, `EPERM`.
  public static let operationNotPermitted = Errno(rawValue: 1)
  /// No such file or directory, `ENOENT`.
  public static let noSuchFile = Errno(rawValue: 2)
  /// Interrupted system call, `EINTR`.
  public static let interrupted = Errno(rawValue: 4)
  /// Input or output error, `EIO`.
  public static let inputOutput = Errno(rawValue: 5)
  /// Bad file descriptor, `EBADF`.
  public static let badDescriptor = Errno(rawValue: 9)
  /// The operation would have to wait; also `EWOULDBLOCK`, `EAGAIN`.
  public static let wouldBlock = Errno(rawValue: 11)
  /// Out of memory, `ENOMEM`.
  public static let noMemory = Errno(rawValue: 12)
  /// Permission denied, `EACCES`.
  public static let permissionDenied = Errno(rawValue: 13)
  /// File exists, `EEXIST`.
  public static let fileExists = Errno(rawValue: 17)
  /// Invalid argument, `EINVAL`.
  public static let invalidArgument = Errno(rawValue: 22)
  /// Too many open files in the system, `ENFILE`.
  public static let tooManyOpenFilesInSystem = Errno(rawValue: 23)
  /// Too many open files in this process, `EMFILE`.
  public static let tooManyOpenFiles = Errno(rawValue: 24)
  /// No space left, `ENOSPC`; of epoll: no more descriptors may be watched.
  public static let noSpace = Errno(rawValue: 28)
  /// Broken pipe, `EPIPE`.
  public static let brokenPipe = Errno(rawValue: 32)
  /// Function not implemented, `ENOSYS`.
  public static let functionNotImplemented = Errno(rawValue: 38)
  /// Protocol error, `EPROTO`.
  public static let protocolError = Errno(rawValue: 71)
  /// Not a socket, `ENOTSOCK`.
  public static let notSocket = Errno(rawValue: 88)
  /// Message too long, `EMSGSIZE`.
  public static let messageTooLong = Errno(rawValue: 90)
  /// Protocol option not available, `ENOPROTOOPT`.
  public static let protocolOptionUnavailable = Errno(rawValue: 92)
  /// Address family not supported, `EAFNOSUPPORT`.
  public static let addressFamilyNotSupported = Errno(rawValue: 97)
  /// Address already in use, `EADDRINUSE`.
  public static let addressInUse = Errno(rawValue: 98)
  /// Address not available, `EADDRNOTAVAIL`.
  public static let addressNotAvailable = Errno(rawValue: 99)
  /// Network is down, `ENETDOWN`.
  public static let networkDown = Errno(rawValue: 100)
  /// Network is unreachable, `ENETUNREACH`.
  public static let networkUnreachable = Errno(rawValue: 101)
  /// Connection aborted, `ECONNABORTED`.
  public static let connectionAborted = Errno(rawValue: 103)
  /// Connection reset by peer, `ECONNRESET`.
  public static let connectionReset = Errno(rawValue: 104)
  /// No buffer space, `ENOBUFS`.
  public static let noBufferSpace = Errno(rawValue: 105)
  /// Already connected, `EISCONN`.
  public static let isConnected = Errno(rawValue: 106)
  /// Not connected, `ENOTCONN`.
  public static let notConnected = Errno(rawValue: 107)
  /// Timed out, `ETIMEDOUT`.
  public static let timedOut = Errno(rawValue: 110)
  /// Connection refused, `ECONNREFUSED`.
  public static let connectionRefused = Errno(rawValue: 111)
  /// Host is unreachable, `EHOSTUNREACH`.
  public static let hostUnreachable = Errno(rawValue: 113)
  /// Already in progress, `EALREADY`.
  public static let alreadyInProgress = Errno(rawValue: 114)
  /// Now in progress, `EINPROGRESS`.
  public static let inProgress = Errno(rawValue: 115)
}

/// The names of all error numbers.
enum ErrnoTable {
  static let names: [Int32: String] = [
    1: "EPERM",
    2: "ENOENT",
    3: "ESRCH",
    4: "EINTR",
    5: "EIO",
    6: "ENXIO",
    7: "E2BIG",
    8: "ENOEXEC",
    9: "EBADF",
    10: "ECHILD",
    11: "EAGAIN",
    12: "ENOMEM",
    13: "EACCES",
    14: "EFAULT",
    15: "ENOTBLK",
    16: "EBUSY",
    17: "EEXIST",
    18: "EXDEV",
    19: "ENODEV",
    20: "ENOTDIR",
    21: "EISDIR",
    22: "EINVAL",
    23: "ENFILE",
    24: "EMFILE",
    25: "ENOTTY",
    26: "ETXTBSY",
    27: "EFBIG",
    28: "ENOSPC",
    29: "ESPIPE",
    30: "EROFS",
    31: "EMLINK",
    32: "EPIPE",
    33: "EDOM",
    34: "ERANGE",
    35: "EDEADLK",
    36: "ENAMETOOLONG",
    37: "ENOLCK",
    38: "ENOSYS",
    39: "ENOTEMPTY",
    40: "ELOOP",
    42: "ENOMSG",
    43: "EIDRM",
    44: "ECHRNG",
    45: "EL2NSYNC",
    46: "EL3HLT",
    47: "EL3RST",
    48: "ELNRNG",
    49: "EUNATCH",
    50: "ENOCSI",
    51: "EL2HLT",
    52: "EBADE",
    53: "EBADR",
    54: "EXFULL",
    55: "ENOANO",
    56: "EBADRQC",
    57: "EBADSLT",
    59: "EBFONT",
    60: "ENOSTR",
    61: "ENODATA",
    62: "ETIME",
    63: "ENOSR",
    64: "ENONET",
    65: "ENOPKG",
    66: "EREMOTE",
    67: "ENOLINK",
    68: "EADV",
    69: "ESRMNT",
    70: "ECOMM",
    71: "EPROTO",
    72: "EMULTIHOP",
    73: "EDOTDOT",
    74: "EBADMSG",
    75: "EOVERFLOW",
    76: "ENOTUNIQ",
    77: "EBADFD",
    78: "EREMCHG",
    79: "ELIBACC",
    80: "ELIBBAD",
    81: "ELIBSCN",
    82: "ELIBMAX",
    83: "ELIBEXEC",
    84: "EILSEQ",
    85: "ERESTART",
    86: "ESTRPIPE",
    87: "EUSERS",
    88: "ENOTSOCK",
    89: "EDESTADDRREQ",
    90: "EMSGSIZE",
    91: "EPROTOTYPE",
    92: "ENOPROTOOPT",
    93: "EPROTONOSUPPORT",
    94: "ESOCKTNOSUPPORT",
    95: "EOPNOTSUPP",
    96: "EPFNOSUPPORT",
    97: "EAFNOSUPPORT",
    98: "EADDRINUSE",
    99: "EADDRNOTAVAIL",
    100: "ENETDOWN",
    101: "ENETUNREACH",
    102: "ENETRESET",
    103: "ECONNABORTED",
    104: "ECONNRESET",
    105: "ENOBUFS",
    106: "EISCONN",
    107: "ENOTCONN",
    108: "ESHUTDOWN",
    109: "ETOOMANYREFS",
    110: "ETIMEDOUT",
    111: "ECONNREFUSED",
    112: "EHOSTDOWN",
    113: "EHOSTUNREACH",
    114: "EALREADY",
    115: "EINPROGRESS",
    116: "ESTALE",
    117: "EUCLEAN",
    118: "ENOTNAM",
    119: "ENAVAIL",
    120: "EISNAM",
    121: "EREMOTEIO",
    122: "EDQUOT",
    123: "ENOMEDIUM",
    124: "EMEDIUMTYPE",
    125: "ECANCELED",
    126: "ENOKEY",
    127: "EKEYEXPIRED",
    128: "EKEYREVOKED",
    129: "EKEYREJECTED",
    130: "EOWNERDEAD",
    131: "ENOTRECOVERABLE",
    132: "ERFKILL",
  ]

  /// The other way round, with the second names that some numbers have.
  static let numbers: [String: Int32] = {
    var numbers: [String: Int32] = ["EWOULDBLOCK": 11, "EDEADLOCK": 35, "ENOTSUP": 95]
    for (number, name) in names { numbers[name] = number }
    return numbers
  }()
}
