using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Open MPI, as far as processes need it that add vectors up. Source: MPI: A Message-Passing Interface Standard 3.1.</summary>
sealed unsafe class Mpi
{
    // The libraries of Open MPI 2 to 5 bear this number.
    static readonly string[] Names = ["libmpi.so.40", "libmpi.40.dylib"];

    const int Serialized = 2; // MPI_THREAD_SERIALIZED: any thread may call, one at a time.

    readonly nint library, world, real, sum;
    readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, int> allreduce;

    /// <summary>Joins the processes that were started together.</summary>
    /// <exception cref="TorchletException">Open MPI is not here, or it was not what started them.</exception>
    public Mpi(int count)
    {
        library = Names.Select(name => NativeLibrary.TryLoad(name, out var found) ? found : 0).FirstOrDefault(found => found != 0);
        if (library == 0)
            throw new TorchletException(
                $"{count} processes were started to train together, and this machine has no Open MPI ({Names[0]}); install it (apt-get install openmpi-bin), "
                + "or start one process.");
        (world, real, sum) = (Symbol("ompi_mpi_comm_world"), Symbol("ompi_mpi_float"), Symbol("ompi_mpi_op_sum"));
        allreduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, int>)Symbol("MPI_Allreduce");
        int provided, size;
        Check(((delegate* unmanaged<void*, void*, int, int*, int>)Symbol("MPI_Init_thread"))(null, null, Serialized, &provided), "MPI_Init_thread");
        Check(((delegate* unmanaged<nint, int*, int>)Symbol("MPI_Comm_size"))(world, &size), "MPI_Comm_size");
        if (size != count)
            throw new TorchletException(
                $"{count} processes were started together, and Open MPI knows of {size}; start them with Open MPI's own mpirun, or with srun --mpi=pmix.");
    }

    /// <summary>The sums over all processes, in place: [n], float32, on the CPU.</summary>
    public void Sum_(Tensor vector)
    {
        fixed (byte* numbers = vector.bytes) // What is in place is told by the address 1.
            Check(allreduce((void*)1, numbers, checked((int)vector.numel()), real, sum, world), "MPI_Allreduce");
    }

    /// <summary>Leaves, when all do.</summary>
    public void Leave() => Check(((delegate* unmanaged<int>)Symbol("MPI_Finalize"))(), "MPI_Finalize");

    /// <summary>Ends all processes at once.</summary>
    public void Abort(int exitCode) => ((delegate* unmanaged<nint, int, int>)Symbol("MPI_Abort"))(world, exitCode);

    nint Symbol(string name) => NativeLibrary.GetExport(library, name);

    // Open MPI ends the processes itself where it fails, unless it was told otherwise.
    static void Check(int code, string function)
    {
        if (code != 0) throw new TorchletException($"{function} failed (MPI error {code}).");
    }
}
