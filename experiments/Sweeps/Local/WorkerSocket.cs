using System.Net.Sockets;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>
/// Where one worker connects to its sweep: a Unix domain socket in a folder that nobody else can enter. Unlike a pipe, no other child of
/// the sweep inherits it, so its end is the worker's end.
/// </summary>
internal sealed class WorkerSocket : IDisposable
{
    private readonly Leftovers.TemporaryFolder _folder = Leftovers.Folder("torchalign-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <exception cref="CommandException">The temporary folder takes no socket.</exception>
    public WorkerSocket()
    {
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(Path));
            _listener.Listen(1);
        }
        catch (Exception error) when (error is ArgumentException or SocketException)
        {
            Dispose();
            throw new CommandException($"A sweep cannot speak to its workers by '{Path}': {error.Message} "
                + "Set TMPDIR to a local folder with a short path.");
        }
    }

    public string Path => System.IO.Path.Combine(_folder.Path, "worker");

    public Task<Socket> Accept(CancellationToken cancellation) => _listener.AcceptAsync(cancellation).AsTask();

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }
}
