namespace KdMtlBench.Contracts;

/// <summary>How a teacher's batch norm works; an option of strategies that ask for teachers.</summary>
public enum TeacherMode
{
    /// <summary>From the statistics that the teacher has learnt: an image's features do not depend on its batch.</summary>
    Eval,

    /// <summary>From each batch's own statistics, as in the public code of Li &amp; Bilen. The learnt ones stay as they are here too.</summary>
    Train,
}
